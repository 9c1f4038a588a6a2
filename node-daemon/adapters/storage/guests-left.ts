import { access, readdir } from "node:fs/promises";
import { instancePaths, uidPattern } from "../../instance/paths.ts";

/** Whether the node has a guest that has started and is not known to have ended. */
export async function hasGuests(stateFolder: string): Promise<boolean> {
  for (const uid of await readdir(stateFolder).catch(() => [])) {
    if (!uidPattern.test(uid)) continue;
    const { started, ended } = instancePaths(stateFolder, uid);
    if ((await exists(started)) && !(await exists(ended))) return true;
  }
  return false;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
