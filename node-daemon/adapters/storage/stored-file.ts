import { readlink } from "node:fs/promises";
import { join } from "node:path";
import { lowerFolders } from "../pods/mountinfo.ts";
import { mountsOf } from "../pods/pod-folders.ts";
import { deviceNumber } from "./device-number.ts";
import { type OpenFile, openBelow, openFolder } from "./held-file.ts";

/**
 * Opens a file of an overlay where it is stored: an overlay cannot show a file as owned by another user, but the file
 * system below can. Images are mounted as overlays. Resolves to undefined when the file is on no overlay, or not found.
 *
 * `root` is the path of `folder` in the overlay; the file was opened in `folder`.
 */
export async function openStored(
  file: OpenFile,
  folder: OpenFile,
  { root, proc }: { root: string; proc: string },
): Promise<OpenFile | undefined> {
  const shown = await file.handle.stat({ bigint: true });
  const { major, minor } = deviceNumber(shown.dev);
  const overlay = (await mountsOf(proc, 1)).find(({ device }) => device === `${major}:${minor}`);
  if (!overlay) return undefined;
  const [path, base] = await Promise.all([readlink(file.path), readlink(folder.path)]);
  for (const lower of lowerFolders(overlay)) {
    await using layer = await openFolder(join(proc, "1/root", lower)).catch(() => undefined);
    const stored = layer && (await openBelow(layer, join(root, path.slice(base.length))).catch(() => undefined));
    if (!stored) continue;
    const { ino, size, mtimeNs } = await stored.handle.stat({ bigint: true });
    // An overlay reports the inode number of the stored file, as long as all layers are on one file system.
    if (ino === shown.ino && size === shown.size && mtimeNs === shown.mtimeNs) return stored;
    await stored.handle.close();
  }
  return undefined;
}
