import { lstat, readdir } from "node:fs/promises";
import { join, relative } from "node:path";

/** A file of this repository and its path in the guest; a layer's entry. */
export interface OverlayFile {
  path: string;
  file: string;
  mode: number;
}

/** The files of a folder of this repository, as in a guest: owned by root, and executable if they are here. */
export async function overlay(folder: string): Promise<OverlayFile[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const entries: OverlayFile[] = [];
  for (const entry of found) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    // git stores only the executable bit of a mode.
    const executable = ((await lstat(file)).mode & 0o100) !== 0;
    entries.push({ path: `/${relative(folder, file)}`, file, mode: executable ? 0o755 : 0o644 });
  }
  return entries;
}
