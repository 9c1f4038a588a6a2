/** Searches a text in a stream of bytes, also across chunks. */
export class TextFinder {
  readonly #text: Buffer;
  #tail: Buffer = Buffer.alloc(0);

  constructor(text: string) {
    this.#text = Buffer.from(text);
  }

  /** Whether the text ends in this chunk. */
  push(chunk: Buffer): boolean {
    const seen = Buffer.concat([this.#tail, chunk]);
    if (seen.includes(this.#text)) return true;
    this.#tail = Buffer.from(seen.subarray(Math.max(0, seen.length - this.#text.length + 1)));
    return false;
  }

  /** Forgets the bytes so far. */
  reset(): void {
    this.#tail = Buffer.alloc(0);
  }
}
