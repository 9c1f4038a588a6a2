import type { FileHandle } from "node:fs/promises";
import { filesAtOnce, inodeAt, openFound } from "./log-files.ts";
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
  // The file stays open until the next one is found, so that no new file can have its inode number.
  let last: { handle: FileHandle; inode: bigint } | undefined;
  try {
    for (;;) {
      signal.throwIfAborted();
      const version = follow?.version;
      const closed = follow?.closed ?? true;
      const next = await fileAfter(path, last?.inode);
      if (next) {
        await last?.handle.close();
        last = next;
        yield* readFile(next.handle, { path, inode: next.inode, follow, signal });
      } else if (!follow || closed) return;
      else if (follow.version === version) await follow.changed(signal);
    }
  } finally {
    await last?.handle.close();
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
    const newest = (await inodeAt(path)) === inode;
    const piece = Buffer.allocUnsafe(pieceSize);
    const { bytesRead } = await handle.read(piece);
    if (bytesRead > 0) yield piece.subarray(0, bytesRead);
    else if (!newest || closed || !follow) return;
    else if (follow.version === version) await follow.changed(signal);
  }
}

/** The file that follows the one of an inode; the oldest when that file is gone or `inode` is undefined. */
async function fileAfter(
  path: string,
  inode: bigint | undefined,
): Promise<{ handle: FileHandle; inode: bigint } | undefined> {
  for (;;) {
    const files = await filesAtOnce(path);
    const next = files[files.findIndex((file) => file.inode === inode) + 1];
    if (!next) return undefined;
    const handle = await openFound(next);
    if (handle) return { handle, inode: next.inode };
  }
}
