import { statSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { socketsFolder, uidPattern } from "../../instance/paths.ts";

/**
 * The users in use on the node: the owners of the instances' sockets folders, and the users of all processes, including
 * those in containers.
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
    // Synchronous: the kernel answers at once, and going through threads takes twenty times as long.
    const process = /^\d+$/.test(pid) ? statSync(join(proc, pid), { throwIfNoEntry: false }) : undefined;
    if (process) taken.add(process.uid);
  }
  return taken;
}
