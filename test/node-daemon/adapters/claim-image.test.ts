import { mkdir, mkdtemp, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openClaimImage } from "../../../node-daemon/adapters/claim-image.ts";
import { openFolder } from "../../../node-daemon/adapters/held-file.ts";
import type { ClaimDisk } from "../../../node-daemon/ports.ts";

let folder: string;
let image: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "claim-"));
  image = join(folder, "disk.img");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Opens the image and tells its format. */
async function open(disk: Partial<ClaimDisk> = {}): Promise<string> {
  await using held = await openFolder(folder);
  const wanted = { claimName: "data", readOnly: false, bytes: 10n * 1024n * 1024n, ...disk };
  await using opened = await openClaimImage(held, wanted);
  return opened.format;
}

test("an empty claim is given a raw image of its size, less the file system's share, in whole blocks", async () => {
  expect(await open()).toBe("raw");
  const { size } = await stat(image);
  expect(size).toBe(Math.floor((10 * 1024 * 1024 * 0.945) / 4096) * 4096);
  // It stays as it is.
  await open({ bytes: 1n });
  expect((await stat(image)).size).toBe(size);
});

test("an image that was left behind empty is given its size", async () => {
  await writeFile(image, "");
  expect(await open()).toBe("raw");
  expect((await stat(image)).size).toBeGreaterThan(0);
});

test("what a guest wrote into a raw disk does not make it another format", async () => {
  await writeFile(image, "LUKS\u00ba\u00be");
  expect(await open()).toBe("raw");
});

test("a claim that is only read is given no image, and its image is left as it is", async () => {
  await expect(open({ readOnly: true })).rejects.toThrow('PersistentVolumeClaim "data": it is read-only');
  await writeFile(image, "raw", { mode: 0o444 });
  expect(await open({ readOnly: true })).toBe("raw");
  expect((await stat(image)).mode & 0o777).toBe(0o444);
});

test("an image that is a link or a folder is refused, and a size that is not known is told", async () => {
  await expect(open({ bytes: undefined })).rejects.toThrow("size is not known");
  await rm(image);
  await symlink("/etc/shadow", image);
  await expect(open()).rejects.toMatchObject({ cause: { message: expect.stringContaining("link") } });
  await rm(image);
  await mkdir(image);
  await expect(open()).rejects.toThrow('PersistentVolumeClaim "data"');
});
