const initialSize = 256;

/**
 * Writes XDR (RFC 4506) into a buffer that grows as needed.
 *
 * A number that does not fit its wire type throws a RangeError (from Node). This is the caller's mistake, found before
 * any byte is sent.
 */
export class XdrWriter {
  #bytes: Buffer = Buffer.allocUnsafe(initialSize);
  #offset = 0;

  /** The number of bytes written. */
  get length(): number {
    return this.#offset;
  }

  int(value: number): void {
    const at = this.#grow(4);
    this.#bytes.writeInt32BE(value, at);
  }

  uint(value: number): void {
    const at = this.#grow(4);
    this.#bytes.writeUInt32BE(value, at);
  }

  hyper(value: number | bigint): void {
    const at = this.#grow(8);
    this.#bytes.writeBigInt64BE(BigInt(value), at);
  }

  uhyper(value: number | bigint): void {
    const at = this.#grow(8);
    this.#bytes.writeBigUInt64BE(BigInt(value), at);
  }

  double(value: number): void {
    const at = this.#grow(8);
    this.#bytes.writeDoubleBE(value, at);
  }

  bool(value: boolean): void {
    this.uint(value ? 1 : 0);
  }

  fixedOpaque(value: Uint8Array): void {
    const at = this.#grow(value.length + (-value.length & 3));
    this.#bytes.set(value, at);
    this.#bytes.fill(0, at + value.length, this.#offset);
  }

  opaque(value: Uint8Array): void {
    this.uint(value.length);
    this.fixedOpaque(value);
  }

  string(value: string): void {
    const length = Buffer.byteLength(value);
    this.uint(length);
    const at = this.#grow(length + (-length & 3));
    this.#bytes.write(value, at, "utf8");
    this.#bytes.fill(0, at + length, this.#offset);
  }

  /** Overwrites a word written earlier, such as a length that was unknown at first. */
  patchUint(value: number, at: number): void {
    this.#bytes.writeUInt32BE(value, at);
  }

  /** The written bytes. Do not use the writer after this. */
  finish(): Buffer {
    return this.#bytes.subarray(0, this.#offset);
  }

  /** Makes room, moves on, and returns the old position. */
  #grow(length: number): number {
    const at = this.#offset;
    const needed = at + length;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, at);
      this.#bytes = larger;
    }
    this.#offset = needed;
    return at;
  }
}
