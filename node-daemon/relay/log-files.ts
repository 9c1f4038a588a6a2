import { type FileHandle, open, readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

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

/** Opens a file for reading; `undefined` when it is gone. */
export async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, "r");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** The last bytes of a log over all of its files, at most `length`; empty when there is none. */
export async function logTail(path: string, length: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let missing = length;
  for (const file of (await logFiles(path)).toReversed()) {
    if (missing <= 0) break;
    await using handle = await openIfThere(file);
    if (!handle) continue;
    const { size } = await handle.stat();
    const part = Buffer.alloc(Math.min(size, missing));
    const { bytesRead } = await handle.read(part, 0, part.length, size - part.length);
    parts.unshift(part.subarray(0, bytesRead));
    missing -= bytesRead;
  }
  return Buffer.concat(parts);
}
