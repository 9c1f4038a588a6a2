import { withoutQueries } from "../../api/values/terminal-queries.ts";

/** How much of the end of the output is looked for in a replay, in bytes; the longer, the surer. */
const lengths = [960, 256, 64];

/** What is kept of it. */
const kept = 1024;

/**
 * Remembers the end of what was shown. A server that is connected to again replays its last output; this tells what of
 * it is new.
 */
export class ShownOutput {
  #tail: Buffer<ArrayBuffer> = Buffer.alloc(0);
  #length = 0;

  /** Takes note of output that is shown. */
  push(chunk: Buffer): void {
    this.#length += chunk.length;
    this.#tail = Buffer.from(Buffer.concat([this.#tail, chunk.subarray(-kept)]).subarray(-kept));
  }

  /** What of a replay was not shown; all of it when it does not hold the end of what was. */
  newOf(replayed: Buffer): Buffer {
    // A server leaves out what would make a terminal answer, such as a shell's question for the cursor at its prompt.
    const replay = withoutQueries(Buffer.from(replayed));
    const tail = withoutQueries(this.#tail);
    // So little was shown that it is known in full: it can only be the beginning. Anywhere else it might be by chance.
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
