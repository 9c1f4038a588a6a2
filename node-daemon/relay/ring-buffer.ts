/** Bytes that the ring allocates at first. */
const firstSize = 4096;

/**
 * The last bytes of an endless stream, addressed by their offset from its start. It allocates memory as it fills, up to
 * its capacity, and only if `mayGrow` allows.
 */
export class RingBuffer {
  readonly capacity: number;
  readonly #mayGrow: (to: number, by: number) => boolean;
  #memory: Buffer<ArrayBuffer>;
  /** Offset in the stream of the oldest byte in the ring. */
  #start = 0;
  /** Offset in the stream of the byte after the last. */
  #end = 0;

  /** The ring asks `mayGrow` before it allocates more memory. While `mayGrow` refuses, the ring keeps fewer bytes. */
  constructor(capacity: number, mayGrow: (to: number, by: number) => boolean = () => true) {
    this.capacity = capacity;
    this.#mayGrow = mayGrow;
    this.#memory = Buffer.allocUnsafeSlow(Math.min(capacity, firstSize));
  }

  /** Offset of the oldest byte still in the ring. */
  get start(): number {
    return this.#start;
  }

  /** Most bytes that it can hold at its current size. */
  get size(): number {
    return this.#memory.length;
  }

  /** Offset of the next byte. */
  get end(): number {
    return this.#end;
  }

  /** Adds bytes. The oldest make room. */
  push(bytes: Uint8Array): void {
    this.#grow(bytes.length);
    const kept = bytes.subarray(Math.max(0, bytes.length - this.#memory.length));
    this.#end += bytes.length;
    const at = (this.#end - kept.length) % this.#memory.length;
    const first = kept.subarray(0, this.#memory.length - at);
    this.#memory.set(first, at);
    this.#memory.set(kept.subarray(first.length), 0);
    this.#start = Math.max(this.#start, this.#end - this.#memory.length);
  }

  /** A copy of the bytes between two offsets, both within the ring. */
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

  /** Enlarges the ring if needed, up to its capacity. */
  #grow(more: number): void {
    const size = this.#memory.length;
    const needed = this.#end - this.#start + more;
    if (size === this.capacity || needed <= size) return;
    const wanted = Math.min(this.capacity, Math.max(size * 2, 2 ** Math.ceil(Math.log2(needed))));
    if (!this.#mayGrow(wanted, wanted - size)) return;
    const kept = this.slice(this.#start, this.#end);
    this.#memory = Buffer.allocUnsafeSlow(wanted);
    const at = this.#start % wanted;
    const first = kept.subarray(0, wanted - at);
    this.#memory.set(first, at);
    this.#memory.set(kept.subarray(first.length), 0);
  }
}
