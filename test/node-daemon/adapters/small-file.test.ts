import { execFileSync } from "node:child_process";
import { mkdtempDisposable, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readSmallFile } from "../../../node-daemon/adapters/small-file.ts";

test("a file of the kernel, which says that it is empty, is read to its end", async () => {
  expect(await readSmallFile("/proc/self/status")).toMatch(/^Name:/);
});

test("a file is read up to a bound, and refused beyond it", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "small-file-"));
  const file = join(folder.path, "hosts");
  await writeFile(file, "x".repeat(100_000));
  expect(await readSmallFile(file, 100_000)).toHaveLength(100_000);
  await expect(readSmallFile(file, 99_999)).rejects.toThrow("has more than 99999 bytes");
});

test("a link is not followed, and a pipe without another end is not waited for", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "small-file-"));
  const [link, pipe] = [join(folder.path, "link"), join(folder.path, "pipe")];
  await symlink("/etc/hostname", link);
  await expect(readSmallFile(link)).rejects.toMatchObject({ code: "ELOOP" });
  execFileSync("mkfifo", [pipe]);
  await expect(readSmallFile(pipe)).rejects.toThrow("is no file");
});
