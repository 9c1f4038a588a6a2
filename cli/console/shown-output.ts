import { withoutQueries } from "../../api/values/terminal-queries.ts";

/** Lengths in bytes of the end of the output, to search in a replay. A longer match is more certain. */
const lengths = [960, 256, 64];

/** Bytes of output to keep. */
const kept = 1024;

/**
 * Remembers the end of the shown output. After a new connection the server replays its last output; this class finds
 * the new part of it.
 */
export class ShownOutput {
  #tail: Buffer<ArrayBuffer> = Buffer.alloc(0);
  #length = 0;

  /** Notes shown output. */
  push(chunk: Buffer): void {
    this.#length += chunk.length;
    this.#tail = Buffer.from(Buffer.concat([this.#tail, chunk.subarray(-kept)]).subarray(-kept));
  }

  /** Returns the new part of a replay; all of it if it does not contain the end of the shown output. */
  newOf(replayed: Buffer): Buffer {
    // A server leaves out queries that a terminal would answer, such as a shell's cursor query at its prompt.
    const replay = withoutQueries(Buffer.from(replayed));
    const tail = withoutQueries(this.#tail);
    // We know all of the short output, so it must be the beginning. A match elsewhere might be chance.
    if (this.#length === this.#tail.length && replay.subarray(0, tail.length).equals(tail)) {
      return replay.subarray(tail.length);
    }
    for (const length of lengths) {
      if (tail.length < length) continue;
      const end = tail.subarray(-length);
      const at = replay.lastIndexOf(end);
      if (at >= 0) return replay.subarray(at + length);
    }
    return replay;
  }
}
