import type { BigIntStats } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Container } from "../../drivers/pods.ts";
import { isGone } from "../error-code.ts";
import { type OpenFile, openFolder } from "../storage/held-file.ts";
import { type FileSystemMount, mountAt, parseMountinfo, samePlaces } from "./mountinfo.ts";

/**
 * Opens the folder that is mounted at a path of a container, through the node's own mounts, so that what is in it can be
 * bound to another place of the node. Resolves to undefined when nothing is mounted there.
 *
 * Where the kubelet keeps its volumes is not asked for: the same part of the same file system is looked for among the
 * node's mounts, and it must be the folder that the container sees.
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
 * Opens the folder that is a part of a file system, wherever the node has it mounted. Resolves to undefined when none of
 * those places is that folder, or `is` what is wanted.
 */
export async function openOnNode(
  part: Pick<FileSystemMount, "device" | "root">,
  { proc = "/proc", is = () => true }: { proc?: string; is?: (found: BigIntStats) => boolean } = {},
): Promise<OpenFile | undefined> {
  for (const place of samePlaces(await mountsOf(proc, 1), part)) {
    const folder = await openFolder(join(proc, "1/root", place)).catch((error: unknown) => {
      // Another mount may lie over it.
      if (isGone(error)) return undefined;
      throw error;
    });
    if (!folder) continue;
    if (is(await folder.handle.stat({ bigint: true }))) return folder;
    await folder.handle.close();
  }
  return undefined;
}

/** The mounts that a process sees; none when it is gone. */
export async function mountsOf(proc: string, pid: number): Promise<FileSystemMount[]> {
  return parseMountinfo(await readFile(join(proc, String(pid), "mountinfo"), "utf8").catch(() => ""));
}
