import type { FileHandle } from "node:fs/promises";
import { logFiles, openIfThere } from "./log-files.ts";
import type { SerialLog } from "./serial-log.ts";

const pieceSize = 64 * 1024;

export interface ReadLogOptions {
  /** The log that writes to `path`, followed until it is closed; without it, reading stops at the end. */
  follow?: SerialLog | undefined;
  signal: AbortSignal;
}

/**
 * All of a log from its oldest file on; if followed, also the output that comes later. A slow reader needs no memory,
 * because the bytes are on the disk. It only misses files that are rotated away before it reaches them.
 */
export async function* readLog(path: string, { follow, signal }: ReadLogOptions): AsyncGenerator<Buffer, void> {
  let last: bigint | undefined;
  for (;;) {
    signal.throwIfAborted();
    const version = follow?.version;
    const closed = follow?.closed ?? true;
    const next = await fileAfter(path, last);
    if (!next) {
      if (!follow || closed) return;
      if (follow.version === version) await follow.changed(signal);
      continue;
    }
    await using handle = next.handle;
    last = next.inode;
    yield* readFile(handle, { path, inode: next.inode, follow, signal });
  }
}

/** The content of a file, and later additions until the log starts another file or is closed. */
async function* readFile(
  handle: FileHandle,
  { path, inode, follow, signal }: ReadLogOptions & { path: string; inode: bigint },
): AsyncGenerator<Buffer, void> {
  for (;;) {
    signal.throwIfAborted();
    const version = follow?.version;
    const closed = follow?.closed ?? true;
    const newest = await isNewest(path, inode);
    const piece = Buffer.allocUnsafe(pieceSize);
    const { bytesRead } = await handle.read(piece);
    if (bytesRead > 0) yield piece.subarray(0, bytesRead);
    else if (!newest || closed || !follow) return;
    else if (follow.version === version) await follow.changed(signal);
  }
}

async function isNewest(path: string, inode: bigint): Promise<boolean> {
  await using handle = await openIfThere(path);
  return handle !== undefined && (await handle.stat({ bigint: true })).ino === inode;
}

/** The file that follows the one of an inode; the oldest when that file is gone or `inode` is undefined. */
async function fileAfter(
  path: string,
  inode: bigint | undefined,
): Promise<{ handle: FileHandle; inode: bigint } | undefined> {
  const files = await logFiles(path);
  let oldest: { handle: FileHandle; inode: bigint } | undefined;
  let passed = false;
  for (const file of files) {
    const handle = await openIfThere(file);
    if (!handle) continue;
    const found = { handle, inode: (await handle.stat({ bigint: true })).ino };
    if (passed) {
      await oldest?.handle.close();
      return found;
    }
    if (found.inode === inode) {
      passed = true;
      await handle.close();
    } else if (oldest) await handle.close();
    else oldest = found;
  }
  if (passed) {
    await oldest?.handle.close();
    return undefined;
  }
  return oldest;
}
