import { constants } from "node:fs";
import { open } from "node:fs/promises";

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;

/** Bytes; the files of the kernel and the kubelet that are read here have a few thousand. */
const mostBytes = 1 << 20;

/**
 * Reads a small text file in a place that strangers may have filled, such as the root of a container: no link in its name
 * is followed, nothing but a regular file is read, and no more than a bound. Throws for anything else.
 */
export async function readSmallFile(path: string, most = mostBytes): Promise<string> {
  // A FIFO would have us wait for its other end.
  await using handle = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (!(await handle.stat()).isFile()) throw new Error(`${path} is no file`);
  const chunks: Buffer[] = [];
  let left = most;
  // Files of the kernel say that they are empty, and are read to their end.
  for (;;) {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(Math.min(left + 1, 65_536)));
    if (bytesRead === 0) return Buffer.concat(chunks).toString();
    left -= bytesRead;
    if (left < 0) throw new Error(`${path} has more than ${most} bytes`);
    chunks.push(buffer.subarray(0, bytesRead));
  }
}
