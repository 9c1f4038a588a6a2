import { readdir } from "node:fs/promises";
import type { HeldFile } from "../ports.ts";
import { RefusedError } from "../refused-error.ts";
import { type OpenFile, openBelow } from "./held-file.ts";

/** Opens the one file below `/disk` of an image, or the named one. Throws, naming the volume, when there is none. */
export async function openContainerDisk(image: HeldFile, volume: string, path: string | undefined): Promise<OpenFile> {
  const name = path ?? `disk/${await onlyFile(image, volume)}`;
  const file = await openBelow(image, name).catch((cause: unknown) => {
    throw new RefusedError(`volume "${volume}": "${name}" in its image`, { cause });
  });
  if (!file) throw new RefusedError(`volume "${volume}": its image has no file "${name}"`);
  if ((await file.handle.stat()).isFile()) return file;
  await file.handle.close();
  throw new RefusedError(`volume "${volume}": "${name}" is no file in its image`);
}

async function onlyFile(image: HeldFile, volume: string): Promise<string> {
  await using folder = await openBelow(image, "disk").catch(() => undefined);
  if (!(await folder?.handle.stat())?.isDirectory()) {
    throw new RefusedError(`volume "${volume}": its image has no folder "/disk" with a disk image`);
  }
  const [only, ...others] = await readdir(folder?.path ?? "");
  if (only === undefined) throw new RefusedError(`volume "${volume}": the folder "/disk" of its image is empty`);
  if (others.length > 0) {
    throw new RefusedError(
      `volume "${volume}": "/disk" of its image has several files; containerDisk.path is to name one`,
    );
  }
  return only;
}
