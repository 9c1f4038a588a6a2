import { mkdir, mkdtempDisposable, rename, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { contentDigest } from "../../../cluster/images/recipe.ts";

it("knows content by what it is, not by where it lies", async () => {
  await using scratch = await mkdtempDisposable(join(tmpdir(), "recipe-"));
  const folder = join(scratch.path, "a");
  await mkdir(join(folder, "etc"), { recursive: true });
  await writeFile(join(folder, "etc/rc"), "one");
  await writeFile(join(scratch.path, "recipe.ts"), "code");
  const digestOf = (name: string) => contentDigest([join(scratch.path, name), join(scratch.path, "recipe.ts")]);

  const first = await digestOf("a");
  await rename(folder, join(scratch.path, "b"));
  expect(await digestOf("b")).toBe(first);

  await rename(join(scratch.path, "b/etc/rc"), join(scratch.path, "b/etc/rc.local"));
  const renamed = await digestOf("b");
  expect(renamed).not.toBe(first);

  await writeFile(join(scratch.path, "b/etc/rc.local"), "two");
  expect(await digestOf("b")).not.toBe(renamed);
});

it("fails for an input that is not there", async () => {
  await expect(contentDigest([join(tmpdir(), "no-such-input")])).rejects.toThrow("ENOENT");
});
