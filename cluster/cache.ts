import { createHash } from "node:crypto";
import { mkdir, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { exists } from "./exists.ts";
import { lock } from "./lock.ts";
import type { Step } from "./progress.ts";

/** Where built and downloaded things are kept between runs: `$XDG_CACHE_HOME/kubectl-virt`. */
export const cacheRoot = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "kubectl-virt");

/** A short digest that changes with any of the inputs; part of a cache entry's name. */
export function digest(...inputs: readonly (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const input of inputs) hash.update(input).update("\0");
  return hash.digest("hex").slice(0, 16);
}

/**
 * The folder `<cache>/<name>-<key>`, filled by `build` the first time it is asked for.
 *
 * `build` fills a scratch folder that is renamed when complete, so an interrupted build leaves nothing that looks
 * finished; a lock makes a second process wait for the first one's result instead of building it again. Entries under
 * other keys stay, since a running cluster of another checkout may stand on them; with `keep`, for what is only read while
 * it is asked for, the last used so many do.
 */
export async function cached(
  step: Step,
  name: string,
  key: string,
  build: (folder: string, step: Step) => Promise<void>,
  { keep = Number.POSITIVE_INFINITY }: { keep?: number } = {},
): Promise<string> {
  const entry = join(cacheRoot, `${name}-${key}`);
  if (await exists(entry)) {
    const now = new Date();
    // What is removed a moment later is built again.
    await utimes(entry, now, now).catch(() => {});
    return entry;
  }
  await using _held = await lock(join(cacheRoot, `${name}.lock`), () => step.update("waiting for another run"));
  if (await exists(entry)) return entry;
  const scratch = `${entry}.partial`;
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch, { recursive: true });
  await build(scratch, step);
  await rename(scratch, entry);
  if (Number.isFinite(keep)) await removeBut(keep, name);
  return entry;
}

/** Removes all entries of a name but those used last. */
async function removeBut(keep: number, name: string): Promise<void> {
  const ofName = new RegExp(`^${name}-[0-9a-f]{16}$`);
  const paths = (await readdir(cacheRoot)).filter((file) => ofName.test(file)).map((file) => join(cacheRoot, file));
  const used = await Promise.all(paths.map(async (path) => ({ path, at: (await stat(path)).mtimeMs })));
  const old = used.toSorted((a, b) => b.at - a.at).slice(keep);
  for (const { path } of old) await rm(path, { recursive: true, force: true });
}
