import { mkdtempDisposable, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test, vi } from "vitest";

const fixture = join(import.meta.dirname, "fixtures", "build-thing.ts");

/** A cache folder of the test's own, and the program that asks it for a thing which takes its time to build. */
async function aCache() {
  const scratch = await mkdtempDisposable(join(tmpdir(), "cache-"));
  const [notes, go] = [join(scratch.path, "notes"), join(scratch.path, "go")];
  await writeFile(notes, "");
  return {
    [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose](),
    folder: join(scratch.path, "kubectl-virt"),
    ask: (key = "0123456789abcdef") =>
      execa("node", [fixture, notes, go, key], { env: { XDG_CACHE_HOME: scratch.path }, reject: false }),
    letBuildsEnd: () => writeFile(go, ""),
    begun: async () => (await readFile(notes, "utf8")).split("\n").length - 1,
  };
}

test("two runs that race build a thing once, and both get it", async () => {
  await using cache = await aCache();
  const first = cache.ask();
  await vi.waitFor(async () => expect(await cache.begun()).toBe(1), 10_000);
  const second = cache.ask();
  await cache.letBuildsEnd();
  const [one, two] = await Promise.all([first, second]);
  expect(one.stdout).toBe(two.stdout);
  expect(await readdir(one.stdout)).toEqual(["half", "whole"]);
  expect(await cache.begun()).toBe(1);
});

test("a build that was killed leaves nothing that looks finished, and the next run builds anew", async () => {
  await using cache = await aCache();
  const killed = cache.ask();
  await vi.waitFor(async () => expect(await cache.begun()).toBe(1), 10_000);
  killed.kill("SIGKILL");
  await killed;
  await cache.letBuildsEnd();
  const { stdout } = await cache.ask();
  expect(await readdir(stdout)).toEqual(["half", "whole"]);
  expect(await cache.begun()).toBe(2);
});

test("of what is kept by number the last used stay", async () => {
  await using cache = await aCache();
  await cache.letBuildsEnd();
  for (const key of ["a", "b", "a", "c"]) await cache.ask(key.repeat(16));
  const kept = (await readdir(cache.folder)).filter((name) => name.startsWith("thing-"));
  expect(kept.toSorted()).toEqual(["thing-aaaaaaaaaaaaaaaa", "thing-cccccccccccccccc"]);
});
