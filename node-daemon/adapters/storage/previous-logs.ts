import { mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { logTail } from "../../relay/log-files.ts";
import { isGone } from "../error-code.ts";

/** Bytes that are kept of a log: its end, in which a guest says what it died of. */
const mostBytes = 1024 ** 2;

/** How many logs are kept. */
const mostLogs = 50;

/** Milliseconds for which one is kept. */
const keptFor = 24 * 60 * 60 * 1000;

/** Keeps the end of a log at another path, beside those of others; the oldest of these give way. */
export async function keepLog(log: string, kept: string): Promise<void> {
  const end = await logTail(log, mostBytes);
  if (end.length === 0) return;
  const folder = dirname(kept);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(kept, end, { mode: 0o600 });
  await dropOldLogs(folder);
}

/** Removes the logs of a folder that are too old or too many. */
export async function dropOldLogs(folder: string, now = Date.now()): Promise<void> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (isGone(error)) return [];
    throw error;
  });
  const logs = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      return { path, time: (await stat(path)).mtimeMs };
    }),
  );
  const newestFirst = logs.toSorted((a, b) => b.time - a.time);
  for (const [index, { path, time }] of newestFirst.entries()) {
    if (index >= mostLogs || now - time > keptFor) await rm(path, { force: true });
  }
}
