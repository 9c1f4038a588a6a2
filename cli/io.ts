import type { ReadStream, WriteStream } from "node:tty";

/** The input and output of a command; each is a terminal, a pipe or a file. */
export interface Io {
  readonly stdin: NodeJS.ReadStream | ReadStream;
  readonly stdout: NodeJS.WriteStream | WriteStream;
  readonly stderr: NodeJS.WriteStream | WriteStream;
}

/** Writes a text and resolves when the stream has taken it, so that no output is lost and no pipe overflows. */
export function write(stream: NodeJS.WritableStream, text: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => (error ? reject(error) : resolve()));
  });
}
