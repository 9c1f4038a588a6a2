import { type FileHandle, open, readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { undefinedIfGone } from "../../api/values/error-code.ts";

/** The path of a log's file after a number of rotations; 0 is the current file. */
export function rotated(path: string, number: number): string {
  return number === 0 ? path : `${path}.${number}`;
}

/** The existing files of a log, the oldest first. */
export async function logFiles(path: string): Promise<string[]> {
  const names = await readdir(dirname(path)).catch(() => []);
  const base = basename(path);
  const numbers = names.flatMap((name) => {
    if (name === base) return [0];
    const rest = name.startsWith(`${base}.`) ? name.slice(base.length + 1) : "";
    return /^[1-9]\d*$/.test(rest) ? [Number(rest)] : [];
  });
  return numbers.toSorted((a, b) => b - a).map((number) => join(dirname(path), `${base}${number ? `.${number}` : ""}`));
}

/** A file of a log, and the number that stays the same when a rotation renames the file. */
export interface LogFile {
  readonly path: string;
  readonly inode: bigint;
}

/** The files of a log at one moment, the oldest first. A rotation renames files one by one, so this looks twice. */
export async function filesAtOnce(path: string): Promise<LogFile[]> {
  let before = await filesNow(path);
  for (;;) {
    const after = await filesNow(path);
    // A file never returns to an earlier name. So files with the same names in both looks had them in between.
    if (isDeepStrictEqual(before, after)) return after;
    before = after;
  }
}

async function filesNow(path: string): Promise<LogFile[]> {
  const files: LogFile[] = [];
  for (const file of await logFiles(path)) {
    const inode = await inodeAt(file);
    if (inode !== undefined) files.push({ path: file, inode });
  }
  return files;
}

/** The inode number of a file; `undefined` when it is gone. */
export async function inodeAt(path: string): Promise<bigint | undefined> {
  return (await stat(path, { bigint: true }).catch(undefinedIfGone))?.ino;
}

/** Opens a file of a log for reading; `undefined` when a rotation has renamed the file since it was found. */
export async function openFound({ path, inode }: LogFile): Promise<FileHandle | undefined> {
  const handle = await open(path, "r").catch(undefinedIfGone);
  if (!handle || (await handle.stat({ bigint: true })).ino === inode) return handle;
  await handle.close();
  return undefined;
}

/** The last bytes of a log over all of its files, at most `length`; empty when there is none. */
export async function logTail(path: string, length: number): Promise<Buffer> {
  for (;;) {
    const tail = await tailOf(await filesAtOnce(path), length);
    if (tail) return tail;
  }
}

/** The last bytes of files; `undefined` when a rotation came in between. */
async function tailOf(files: readonly LogFile[], length: number): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let missing = length;
  for (const file of files.toReversed()) {
    if (missing <= 0) break;
    await using handle = await openFound(file);
    if (!handle) return undefined;
    const { size } = await handle.stat();
    const part = Buffer.alloc(Math.min(size, missing));
    const { bytesRead } = await handle.read(part, 0, part.length, size - part.length);
    parts.unshift(part.subarray(0, bytesRead));
    missing -= bytesRead;
  }
  return Buffer.concat(parts);
}
