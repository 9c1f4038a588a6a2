import { constants } from "node:fs";
import { open } from "node:fs/promises";

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;

/** Bytes; the files of the kernel and the kubelet that are read here have a few thousand. */
const mostBytes = 1 << 20;

/** Nearly all of them have less. What is read for each of many instances is not to leave much behind. */
const firstBytes = 4096;

/**
 * Reads a small text file in a place that strangers may have filled, such as the root of a container: no link in its name
 * is followed, nothing but a regular file is read, and no more than a bound. Throws for anything else.
 */
export async function readSmallFile(path: string, most = mostBytes): Promise<string> {
  // A FIFO would have us wait for its other end.
  await using handle = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (!(await handle.stat()).isFile()) throw new Error(`${path} is no file`);
  let content = Buffer.allocUnsafe(Math.min(most + 1, firstBytes));
  let length = 0;
  // Files of the kernel say that they are empty, and are read to their end.
  for (;;) {
    const { bytesRead } = await handle.read(content, length, content.length - length);
    if (bytesRead === 0) return content.toString("utf8", 0, length);
    length += bytesRead;
    if (length > most) throw new Error(`${path} has more than ${most} bytes`);
    if (length === content.length) content = grown(content, Math.min(most + 1, 4 * length));
  }
}

function grown(buffer: Buffer<ArrayBuffer>, length: number): Buffer<ArrayBuffer> {
  const larger = Buffer.allocUnsafe(length);
  buffer.copy(larger);
  return larger;
}
