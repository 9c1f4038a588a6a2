/**
 * The last bytes of an endless stream, addressed by their offset from its start. It takes memory as it fills, and never
 * more than its capacity.
 */
export class RingBuffer {
  readonly capacity: number;
  #memory: Buffer<ArrayBuffer>;
  /** Offset in the stream of the byte after the last. */
  #end = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#memory = Buffer.allocUnsafeSlow(Math.min(capacity, 4096));
  }

  /** Offset of the oldest byte that is still here. */
  get start(): number {
    return Math.max(0, this.#end - this.#memory.length);
  }

  /** Offset of the byte that comes next. */
  get end(): number {
    return this.#end;
  }

  /** Adds bytes; the oldest give way. */
  push(bytes: Uint8Array): void {
    this.#grow(bytes.length);
    const kept = bytes.subarray(Math.max(0, bytes.length - this.#memory.length));
    this.#end += bytes.length;
    const at = (this.#end - kept.length) % this.#memory.length;
    const first = kept.subarray(0, this.#memory.length - at);
    this.#memory.set(first, at);
    this.#memory.set(kept.subarray(first.length), 0);
  }

  /** A copy of the bytes from one offset to another, both within what is here. */
  slice(from: number, to: number): Buffer<ArrayBuffer> {
    if (from < this.start || to > this.#end || from > to) {
      throw new RangeError(`bytes ${from} to ${to} are not within ${this.start} to ${this.#end}`);
    }
    const copy = Buffer.allocUnsafe(to - from);
    const at = from % this.#memory.length;
    const first = Math.min(copy.length, this.#memory.length - at);
    this.#memory.copy(copy, 0, at, at + first);
    this.#memory.copy(copy, first, 0, copy.length - first);
    return copy;
  }

  /** Makes room while it is below its capacity. Until the capacity is reached nothing wraps, so offsets are places. */
  #grow(more: number): void {
    const size = this.#memory.length;
    if (size === this.capacity || this.#end + more <= size) return;
    const wanted = Math.min(this.capacity, Math.max(size * 2, 2 ** Math.ceil(Math.log2(this.#end + more))));
    const memory = Buffer.allocUnsafeSlow(wanted);
    this.#memory.copy(memory, 0, 0, Math.min(this.#end, size));
    this.#memory = memory;
  }
}
