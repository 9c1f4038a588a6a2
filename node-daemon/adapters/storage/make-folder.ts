import { chmod, mkdir } from "node:fs/promises";

/** Makes a folder with a mode, and its parents. Sets the mode if the folder exists. */
export async function makeFolder(folder: string, mode: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  // mkdir's mode depends on the umask.
  await chmod(folder, mode);
}
