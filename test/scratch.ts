import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

const prefix = "kv-";

/**
 * Gives the tests of a run one temporary folder for all theirs, and removes it after them. Vitest calls this for each
 * project; one folder in another would make paths too long for sockets.
 */
export async function setup(): Promise<() => Promise<void>> {
  const { TMPDIR: before } = process.env;
  if (before !== undefined && basename(before).startsWith(prefix)) return async () => {};
  const folder = await mkdtemp(join(tmpdir(), prefix));
  // Some tests are other users.
  await chmod(folder, 0o755);
  process.env.TMPDIR = folder;
  return async () => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    await rm(folder, { recursive: true, force: true });
  };
}
