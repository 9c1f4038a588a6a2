import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, readlink, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openBelow, openFolder } from "../../../../node-daemon/adapters/storage/held-file.ts";

let root: string;
let folder: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "held-"));
  folder = join(root, "volume");
  await mkdir(join(folder, "a/b"), { recursive: true });
  await writeFile(join(folder, "a/b/disk.img"), "disk");
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** What of the folder this process has open. */
async function open(): Promise<string[]> {
  const numbers = await readdir("/proc/self/fd");
  const links = await Promise.all(numbers.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => "")));
  return links.filter((link) => link.startsWith(root));
}

/** What is in a file below the folder; undefined when there is none. */
async function read(path: string): Promise<string | undefined> {
  await using held = await openFolder(folder);
  await using file = await openBelow(held, path);
  return file && (await readFile(file.path, "utf8"));
}

test("a file is found below a folder, by a path in it", async () => {
  expect(await read("a/b/disk.img")).toBe("disk");
  expect(await read("/a/./b//disk.img")).toBe("disk");
  expect(await read("a/none/disk.img")).toBeUndefined();
  expect(await open()).toEqual([]);
});

test("no link is followed, whatever part of the path it is", async () => {
  await symlink("b", join(folder, "a/link"));
  await expect(read("a/link/disk.img")).rejects.toThrow("is or follows a link, which is refused");
  await symlink("/etc", join(folder, "out"));
  await expect(read("out/passwd")).rejects.toThrow("is or follows a link, which is refused");
  await symlink("disk.img", join(folder, "a/b/last"));
  await expect(read("a/b/last")).rejects.toThrow("is or follows a link, which is refused");
  await expect(read("a/../a/b/disk.img")).rejects.toThrow("is no path inside the volume");
  await symlink(folder, join(root, "folder"));
  await expect(openFolder(join(root, "folder"))).rejects.toThrow("ENOTDIR");
  expect(await open()).toEqual([]);
});

test("what is no file is refused and not waited for", async () => {
  await promisify(execFile)("mkfifo", [join(folder, "disk.img")]);
  await expect(read("disk.img")).rejects.toThrow("is no file");
});

test("what is held stays the same when its name leads elsewhere", async () => {
  await using held = await openFolder(folder);
  await using file = await openBelow(held, "a/b/disk.img");
  await rename(join(folder, "a"), join(folder, "was"));
  await mkdir(join(folder, "a/b"), { recursive: true });
  await writeFile(join(folder, "a/b/disk.img"), "another");
  expect(await readFile(file!.path, "utf8")).toBe("disk");
});
