import { statSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { socketsFolder, uidPattern } from "../../instance/paths.ts";

/**
 * The users that are somebody's on the node: to whom the folder of an instance's sockets belongs, and as whom a process
 * runs, also in a container.
 */
export async function takenUsers(stateFolder: string, proc: string): Promise<Set<number>> {
  const [folders, processes] = await Promise.all([readdir(stateFolder), readdir(proc)]);
  const owners = await Promise.all(
    folders
      .filter((name) => uidPattern.test(name))
      .map((uid) => stat(join(stateFolder, uid, socketsFolder)).catch(() => undefined)),
  );
  const taken = new Set(owners.flatMap((owner) => owner?.uid ?? []));
  for (const pid of processes) {
    // The kernel has the answer at hand: threads that fetch it take twenty times as long.
    const process = /^\d+$/.test(pid) ? statSync(join(proc, pid), { throwIfNoEntry: false }) : undefined;
    if (process) taken.add(process.uid);
  }
  return taken;
}
