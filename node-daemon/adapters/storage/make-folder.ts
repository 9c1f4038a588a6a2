import { chmod, mkdir } from "node:fs/promises";

/** Makes a folder of a mode, and those above it; gives one that is there that mode. */
export async function makeFolder(folder: string, mode: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  // Whatever the umask is.
  await chmod(folder, mode);
}
