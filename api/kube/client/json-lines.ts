import { notJson } from "./answer.ts";
import { ProtocolError } from "./errors.ts";

const newline = 0x0a;

/** The longest allowed line, in bytes: etcd stores objects of up to 1.5 MB, aggregated servers may have larger ones. */
const longestLine = 64 * 1024 * 1024;

/** Splits a stream of bytes into lines, wherever its chunks end. It scans each byte once. */
export class LineSplitter {
  readonly #limit: number;
  #parts: Buffer[] = [];
  #length = 0;

  constructor(limit: number = longestLine) {
    this.#limit = limit;
  }

  /** Whether a line has begun but not ended. */
  get pending(): boolean {
    return this.#length > 0;
  }

  /** The lines that end in a chunk, without newlines and empty lines. Throws ProtocolError for a too long line. */
  *push(chunk: Buffer): Generator<string> {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      this.#keep(chunk.subarray(start, end));
      start = end + 1;
      if (this.#length > 0) yield this.#take();
    }
    this.#keep(chunk.subarray(start));
  }

  #keep(part: Buffer): void {
    if (part.length === 0) return;
    this.#length += part.length;
    if (this.#length > this.#limit) throw new ProtocolError(`a line of more than ${this.#limit} bytes`);
    this.#parts.push(part);
  }

  #take(): string {
    // Bytes become text only here, so that no character is cut.
    const [only] = this.#parts;
    const line = this.#parts.length === 1 && only ? only : Buffer.concat(this.#parts, this.#length);
    this.#parts = [];
    this.#length = 0;
    return line.toString("utf8");
  }
}

/** The values of a stream with one JSON text per line. Throws ProtocolError for a line that is invalid or cut off. */
export async function* jsonLines<T>(stream: AsyncIterable<Buffer>): AsyncGenerator<T> {
  const lines = new LineSplitter();
  for await (const chunk of stream) {
    for (const line of lines.push(chunk)) {
      let value: T;
      try {
        value = JSON.parse(line);
      } catch (cause) {
        throw notJson(line, "a line", cause);
      }
      yield value;
    }
  }
  if (lines.pending) throw new ProtocolError("the stream ended in the middle of a line");
}
