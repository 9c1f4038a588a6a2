import { readdir } from "node:fs/promises";
import { RefusedError } from "../../core/refused-error.ts";
import type { HeldFile } from "../../drivers/pods.ts";
import { type OpenFile, openBelow } from "./held-file.ts";

/**
 * Opens a file of an image, or the only file below `/disk` when `path` is undefined. `what` names the image's purpose
 * in errors that report a missing file.
 */
export async function openImageFile(image: HeldFile, what: string, path: string | undefined): Promise<OpenFile> {
  const name = path ?? `disk/${await onlyFile(image, what)}`;
  const file = await openBelow(image, name).catch((cause: unknown) => {
    throw new RefusedError(`${what}: "${name}" in its image`, { cause });
  });
  if (!file) throw new RefusedError(`${what}: its image has no file "${name}"`);
  if ((await file.handle.stat()).isFile()) return file;
  await file.handle.close();
  throw new RefusedError(`${what}: "${name}" is no file in its image`);
}

async function onlyFile(image: HeldFile, what: string): Promise<string> {
  await using folder = await openBelow(image, "disk").catch(() => undefined);
  if (!(await folder?.handle.stat())?.isDirectory()) {
    throw new RefusedError(`${what}: its image has no folder "/disk" with a disk image`);
  }
  const [only, ...others] = await readdir(folder?.path ?? "");
  if (only === undefined) throw new RefusedError(`${what}: the folder "/disk" of its image is empty`);
  if (others.length > 0) {
    throw new RefusedError(`${what}: "/disk" of its image has several files; containerDisk.path is to name one`);
  }
  return only;
}
