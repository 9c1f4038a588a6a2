import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readMountedFiles } from "../../../../node-daemon/adapters/pods/mounted-files.ts";

const content = "..2026_01_01_10_00_00.1234";
let folder: string;

/** A volume as the kubelet writes it: links at its root, and one to the folder of the current content. */
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mounted-"));
  await mkdir(join(folder, content, "deep"), { recursive: true });
  await symlink(content, join(folder, "..data"));
  await writeFile(join(folder, content, "userdata"), "#cloud-config\n");
  await symlink("..data/userdata", join(folder, "userdata"));
  await writeFile(join(folder, content, "deep/file"), Buffer.from([0xff, 0]));
  await symlink("..data/deep", join(folder, "deep"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("the files of a volume are those of its current content", async () => {
  await writeFile(join(folder, "stray"), "not the kubelet's");
  expect(await readMountedFiles(folder)).toEqual(
    new Map([
      ["userdata", Buffer.from("#cloud-config\n")],
      ["deep/file", Buffer.from([0xff, 0])],
    ]),
  );
});

test("no link is followed out of a volume", async () => {
  await symlink("/etc/passwd", join(folder, content, "passwd"));
  await expect(readMountedFiles(folder)).rejects.toThrow("ELOOP");
  await rm(join(folder, content, "passwd"));
  for (const away of ["..", "../..", "/etc", "..data/../.."]) {
    await rm(join(folder, "..data"));
    await symlink(away, join(folder, "..data"));
    await expect(readMountedFiles(folder)).rejects.toThrow("leads out of the volume");
  }
});

test("what is no file, and what is too much, is refused", async () => {
  execFileSync("mkfifo", [join(folder, content, "pipe")]);
  await expect(readMountedFiles(folder)).rejects.toThrow('"pipe" is no file');
  await rm(join(folder, content, "pipe"));
  await writeFile(join(folder, content, "userdata"), Buffer.alloc(5 * 1024 ** 2));
  await expect(readMountedFiles(folder)).rejects.toThrow("more than 4194304 bytes");
});
