import { mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isGone } from "../../../api/values/error-code.ts";
import { logTail } from "../../relay/log-files.ts";

/** Bytes to keep of a log: its end, where a guest prints why it died. */
const mostBytes = 1024 ** 2;

/** Number of logs to keep. */
const mostLogs = 50;

/** Milliseconds to keep a log. */
const keptFor = 24 * 60 * 60 * 1000;

/** Keeps the end of a log at another path, in a folder with other logs. Removes the oldest of these if needed. */
export async function keepLog(log: string, kept: string): Promise<void> {
  const end = await logTail(log, mostBytes);
  if (end.length === 0) return;
  const folder = dirname(kept);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(kept, end, { mode: 0o600 });
  await dropOldLogs(folder);
}

/** Removes a folder's logs that are too old or too many. */
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
