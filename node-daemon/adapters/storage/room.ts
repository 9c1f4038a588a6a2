import { statfs } from "node:fs/promises";
import { isBlockDevice } from "./device-nodes.ts";

/** Bytes that must be free before the daemon continues a guest that a full storage has paused. */
const someRoom = 1 << 20;

/** Whether the file system of an image has room; false if the file system fails. */
export async function hasRoom(file: string): Promise<boolean> {
  // Nothing reports how full the storage behind a device is.
  if (await isBlockDevice(file)) return true;
  const found = await statfs(file).catch(() => undefined);
  return found !== undefined && found.bavail * found.bsize >= someRoom;
}
