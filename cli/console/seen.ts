/** How much of the end of the output is looked for in a replay, in bytes; the longer, the surer. */
const lengths = [1024, 256, 64];

/**
 * Remembers the end of what was shown. A server that is connected to again replays its last output; this tells what of
 * it is new.
 */
export class Seen {
  #tail: Buffer = Buffer.alloc(0);
  #length = 0;

  /** Takes note of output that is shown. */
  push(chunk: Buffer): void {
    const most = lengths[0] ?? 0;
    this.#length += chunk.length;
    this.#tail = Buffer.from(Buffer.concat([this.#tail, chunk.subarray(-most)]).subarray(-most));
  }

  /** What of a replay was not shown; all of it when it does not hold the end of what was. */
  newOf(replay: Buffer): Buffer {
    // So little was shown that it is known in full: it can only be the beginning. Anywhere else it might be by chance.
    if (this.#length === this.#tail.length && replay.subarray(0, this.#length).equals(this.#tail)) {
      return replay.subarray(this.#length);
    }
    for (const length of lengths) {
      if (this.#length < length) continue;
      // A server leaves out what would make a terminal answer, so a shorter end may be found where a long one is not.
      const end = this.#tail.subarray(-length);
      const at = replay.lastIndexOf(end);
      if (at >= 0) return replay.subarray(at + length);
    }
    return replay;
  }
}
