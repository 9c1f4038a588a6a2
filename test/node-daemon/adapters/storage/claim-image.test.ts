import { renameSync, symlinkSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openClaimImage } from "../../../../node-daemon/adapters/storage/claim-image.ts";
import { openFolder } from "../../../../node-daemon/adapters/storage/held-file.ts";
import type { ClaimDisk } from "../../../../node-daemon/drivers/disks.ts";
import type { HeldFile } from "../../../../node-daemon/drivers/pods.ts";

let folder: string;
let image: string;
/** A folder that is none of the claim's. */
let outside: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "claim-"));
  outside = await mkdtemp(join(tmpdir(), "outside-"));
  image = join(folder, "disk.img");
});
afterEach(async () => {
  for (const made of [folder, outside]) await rm(made, { recursive: true, force: true });
});

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

/** A file beside the claim that the claim's author wants, and what there is of it. */
async function coveted(): Promise<{ path: string; state: () => Promise<unknown> }> {
  const path = join(outside, "coveted");
  await writeFile(path, "of the node", { mode: 0o640 });
  const state = async () => {
    const { uid, gid, mode, ino, size } = await stat(path);
    return { uid, gid, mode, ino, size, content: await readFile(path, "utf8") };
  };
  return { path, state };
}

test("nothing happens to where an image that is a link leads", async () => {
  const { path, state } = await coveted();
  const before = await state();
  for (const target of [path, join("..", basename(outside), "coveted"), outside, join(outside, "new")]) {
    await symlink(target, image);
    for (const readOnly of [false, true]) {
      await expect(open({ readOnly })).rejects.toMatchObject({ cause: { message: expect.stringContaining("link") } });
    }
    await rm(image);
  }
  expect(await state()).toEqual(before);
  // Nor is anything made there.
  expect(await readdir(outside)).toEqual(["coveted"]);
});

test("nothing happens to where a link leads that takes an image's place once it is open", async () => {
  const { path, state } = await coveted();
  const before = await state();
  await using held = await openFolder(folder);
  let looks = 0;
  /** The claim's folder, where the image is swapped as soon as it was opened: its room is asked for next. */
  const swapping: HeldFile = {
    get path(): string {
      looks += 1;
      if (looks === 2) {
        renameSync(image, join(folder, "opened"));
        symlinkSync(path, image);
      }
      return held.path;
    },
    [Symbol.asyncDispose]: () => held[Symbol.asyncDispose](),
  };
  const wanted = { claimName: "data", readOnly: false, bytes: 10n * 1024n * 1024n };
  await using opened = await openClaimImage(swapping, wanted);
  expect(looks).toBe(2);
  expect(await state()).toEqual(before);
  // What was opened was given its size, its owner and its mode.
  const { uid, size, mode, ino } = await stat(join(folder, "opened"));
  expect((await opened.file.handle.stat()).ino).toBe(ino);
  expect([uid, mode & 0o007, size > 0]).toEqual([process.getuid?.() === 0 ? 107 : process.getuid?.(), 0, true]);
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
