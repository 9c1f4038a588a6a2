import { constants } from "node:fs";
import { open } from "node:fs/promises";

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;

/** Most bytes of a file. The files of the kernel and the kubelet that the daemon reads have a few thousand. */
const mostBytes = 1 << 20;

/** Size of the first buffer; nearly all files are smaller. Small, because many instances have files to read. */
const firstBytes = 4096;

/**
 * Reads a small text file in an untrusted place, such as the root of a container. Follows no link in the last part of
 * the path, reads only a regular file, and at most `most` bytes. Throws for anything else.
 */
export async function readSmallFile(path: string, most = mostBytes): Promise<string> {
  // O_NONBLOCK: opening a FIFO would wait for its other end.
  await using handle = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (!(await handle.stat()).isFile()) throw new Error(`${path} is no file`);
  let content = Buffer.allocUnsafe(Math.min(most + 1, firstBytes));
  let length = 0;
  // Files of the kernel report a size of 0, so this reads until the end.
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
