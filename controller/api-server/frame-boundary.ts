/**
 * Follows the frames of one direction of a websocket (RFC 6455, 5.2) without reading their content. It reports whether
 * the bytes so far end with a whole frame, and whether a close frame was among them.
 */
export class FrameBoundary {
  /** The remaining bytes of the current frame, after its header. */
  #payload = 0;
  /** The header of the current frame. */
  #header: number[] = [];
  #closed = false;

  /** Whether a new frame could begin here. */
  get whole(): boolean {
    return this.#payload === 0 && this.#header.length === 0;
  }

  /** Whether a close frame has begun. */
  get closed(): boolean {
    return this.#closed;
  }

  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      const skipped = Math.min(this.#payload, chunk.length - at);
      at += skipped;
      this.#payload -= skipped;
      while (this.#payload === 0 && at < chunk.length) {
        this.#header.push(chunk[at] ?? 0);
        at += 1;
        if (this.#headerEnds()) break;
      }
    }
  }

  #headerEnds(): boolean {
    const [first = 0, second] = this.#header;
    if (second === undefined) return false;
    const short = second & 0x7f;
    const extended = { 126: 2, 127: 8 }[short] ?? 0;
    const masked = (second & 0x80) === 0 ? 0 : 4;
    if (this.#header.length < 2 + extended + masked) return false;
    const length = this.#header.slice(2, 2 + extended).reduce((sum, byte) => sum * 256 + byte, 0);
    this.#payload = extended > 0 ? length : short;
    if ((first & 0x0f) === 0x8) this.#closed = true;
    this.#header = [];
    return true;
  }
}

/** A close frame from a server. The reason is cut to the 123 bytes that fit. */
export function closeFrame(code: number, reason: string): Buffer {
  const text = Buffer.from(reason).subarray(0, 123);
  const frame = Buffer.alloc(4 + text.length);
  frame.writeUInt8(0x88, 0);
  frame.writeUInt8(2 + text.length, 1);
  frame.writeUInt16BE(code, 2);
  text.copy(frame, 4);
  return frame;
}
