import { lstat, readdir } from "node:fs/promises";
import { join, relative } from "node:path";

/** A file of ours and where it is to lie; a layer's entry. */
export interface OverlayFile {
  path: string;
  file: string;
  mode: number;
}

/** The files of a folder of this repository, as they are to lie in a guest: root's, and executable if they are here. */
export async function overlay(folder: string): Promise<OverlayFile[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const entries: OverlayFile[] = [];
  for (const entry of found) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    // git keeps no more of a mode than this.
    const executable = ((await lstat(file)).mode & 0o100) !== 0;
    entries.push({ path: `/${relative(folder, file)}`, file, mode: executable ? 0o755 : 0o644 });
  }
  return entries;
}
