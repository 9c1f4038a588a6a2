import { readlink } from "node:fs/promises";
import { join } from "node:path";
import { lowerFolders } from "../pods/mountinfo.ts";
import { mountsOf } from "../pods/pod-folders.ts";
import { deviceNumber } from "./device-number.ts";
import { type OpenFile, openBelow, openFolder } from "./held-file.ts";

/**
 * Opens the file that an overlay shows, where it is stored: an overlay cannot show a file as another user's, what is below
 * it can. Images are mounted as overlays. Resolves to undefined when the file is on no overlay, or not found below it.
 *
 * `root` is the folder of the overlay that `folder` is, in which the file was opened.
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
    // An overlay tells the number of the very file that it shows, as long as all is on one file system.
    if (ino === shown.ino && size === shown.size && mtimeNs === shown.mtimeNs) return stored;
    await stored.handle.close();
  }
  return undefined;
}
