import { statfs } from "node:fs/promises";
import { isBlockDevice } from "./device-nodes.ts";

/** Bytes that have to be free before a guest is let go on whose storage was full. */
const someRoom = 1 << 20;

/** Whether there is room in the file system of an image; none in one that fails. */
export async function hasRoom(file: string): Promise<boolean> {
  // How full what is behind a device is, nobody tells.
  if (await isBlockDevice(file)) return true;
  const found = await statfs(file).catch(() => undefined);
  return found !== undefined && found.bavail * found.bsize >= someRoom;
}
