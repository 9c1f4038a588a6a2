import type { BigIntStats } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { isGone } from "../../../api/values/error-code.ts";
import type { Container } from "../../drivers/pods.ts";
import { type OpenFile, openFolder } from "../storage/held-file.ts";
import { type FileSystemMount, mountAt, parseMountinfo, samePlaces } from "./mountinfo.ts";

/**
 * Opens the folder that is mounted at a path of a container. Opens it through the node's own mounts, so that a bind
 * mount can show its content elsewhere on the node. Resolves to undefined when nothing is mounted there.
 *
 * This function needs no path of the kubelet's volumes. It searches the node's mounts for the same part of the same
 * file system, which must be the folder that the container sees.
 */
export async function openPodFolder(
  { pid }: Pick<Container, "pid">,
  point: string,
  { proc = "/proc" }: { proc?: string } = {},
): Promise<OpenFile | undefined> {
  const mount = mountAt(await mountsOf(proc, pid), point);
  if (!mount) return undefined;
  const { dev, ino } = await stat(join(proc, String(pid), "root", point), { bigint: true });
  return openOnNode(mount, { proc, is: (found) => found.dev === dev && found.ino === ino });
}

/**
 * Opens the folder that is a part of a file system, wherever the node has it mounted. Resolves to undefined when the
 * node has no mount with that folder, or when `is` rejects every one.
 */
export async function openOnNode(
  part: Pick<FileSystemMount, "device" | "root">,
  { proc = "/proc", is = () => true }: { proc?: string; is?: (found: BigIntStats) => boolean } = {},
): Promise<OpenFile | undefined> {
  for (const place of samePlaces(await mountsOf(proc, 1), part)) {
    const folder = await openFolder(join(proc, "1/root", place)).catch((error: unknown) => {
      // Another mount may hide this one.
      if (isGone(error)) return undefined;
      throw error;
    });
    if (!folder) continue;
    if (is(await folder.handle.stat({ bigint: true }))) return folder;
    await folder.handle.close();
  }
  return undefined;
}

/** The mounts that a process sees; none when the process is gone. */
export async function mountsOf(proc: string, pid: number): Promise<FileSystemMount[]> {
  return parseMountinfo(await readFile(join(proc, String(pid), "mountinfo"), "utf8").catch(() => ""));
}
