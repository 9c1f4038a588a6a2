import { createHash } from "node:crypto";
import { mkdir, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { exists } from "./exists.ts";
import { lock } from "./lock.ts";
import type { Step } from "./progress.ts";

/** The cache folder for built and downloaded files: `$XDG_CACHE_HOME/kubectl-virt`. */
export const cacheRoot = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "kubectl-virt");

/** A short digest that changes with any of the inputs; part of a cache entry's name. */
export function digest(...inputs: readonly (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const input of inputs) hash.update(input).update("\0");
  return hash.digest("hex").slice(0, 16);
}

/**
 * The folder `<cache>/<name>-<key>`; `build` fills it on first use.
 *
 * `build` fills a scratch folder, which is renamed when complete, so an interrupted build leaves no entry. A lock makes
 * a second process wait for the first one's result instead of building it again. Entries with other keys stay, because
 * a running cluster of another checkout may use them. With `keep`, for entries that are only read during a run, only
 * that many of the last used entries stay.
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
    // An entry that another process removes at this moment is built again.
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

/** Removes all entries of a name except the `keep` last used ones. */
async function removeBut(keep: number, name: string): Promise<void> {
  const ofName = new RegExp(`^${name}-[0-9a-f]{16}$`);
  const paths = (await readdir(cacheRoot)).filter((file) => ofName.test(file)).map((file) => join(cacheRoot, file));
  const used = await Promise.all(paths.map(async (path) => ({ path, at: (await stat(path)).mtimeMs })));
  const old = used.toSorted((a, b) => b.at - a.at).slice(keep);
  for (const { path } of old) await rm(path, { recursive: true, force: true });
}
