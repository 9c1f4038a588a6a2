/** The bytes are not in the expected format: the peer and this client do not understand each other. */
export class MalformedError extends Error {
  override readonly name = "MalformedError";
}

const safe = BigInt(Number.MAX_SAFE_INTEGER);

/**
 * Reads XDR (RFC 4506): big-endian, everything padded to four bytes.
 *
 * It checks every length against the existing bytes before it allocates anything, so a wrong length costs nothing. Each
 * method throws {@link MalformedError} when bytes are missing or invalid.
 */
export class XdrReader {
  readonly #bytes: Buffer;
  #offset: number;

  constructor(bytes: Buffer, offset = 0) {
    this.#bytes = bytes;
    this.#offset = offset;
  }

  /** The number of bytes not yet read. */
  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  int(): number {
    return this.#bytes.readInt32BE(this.#take(4));
  }

  uint(): number {
    return this.#bytes.readUInt32BE(this.#take(4));
  }

  hyper(): bigint {
    return this.#bytes.readBigInt64BE(this.#take(8));
  }

  uhyper(): bigint {
    return this.#bytes.readBigUInt64BE(this.#take(8));
  }

  /** A 64-bit integer as a number; above 2^53, the nearest one. Saves hot paths the bigint. */
  hyperNumber(): number {
    const at = this.#take(8);
    return this.#bytes.readInt32BE(at) * 0x1_0000_0000 + this.#bytes.readUInt32BE(at + 4);
  }

  /** Like {@link hyperNumber}, but unsigned. */
  uhyperNumber(): number {
    const at = this.#take(8);
    return this.#bytes.readUInt32BE(at) * 0x1_0000_0000 + this.#bytes.readUInt32BE(at + 4);
  }

  /** A signed 64-bit integer: a number if that is exact, else a bigint. */
  exactHyper(): number | bigint {
    const value = this.hyper();
    return value <= safe && value >= -safe ? Number(value) : value;
  }

  /** Like {@link exactHyper}, but unsigned. */
  exactUhyper(): number | bigint {
    const at = this.#take(8);
    const high = this.#bytes.readUInt32BE(at);
    if (high > 0x1f_ffff) return this.#bytes.readBigUInt64BE(at);
    return high * 0x1_0000_0000 + this.#bytes.readUInt32BE(at + 4);
  }

  double(): number {
    return this.#bytes.readDoubleBE(this.#take(8));
  }

  bool(): boolean {
    const value = this.uint();
    if (value > 1) throw new MalformedError(`a boolean is ${value}`);
    return value === 1;
  }

  /** The count in front of an array whose elements have at least `elementSize` bytes each. */
  count(elementSize: number): number {
    const count = this.uint();
    if (count * Math.max(elementSize, 4) > this.remaining) {
      throw new MalformedError(`an array of ${count} elements cannot fit in the remaining ${this.remaining} bytes`);
    }
    return count;
  }

  /** Bytes of a known length; a view on the frame, not a copy. */
  fixedOpaque(length: number): Buffer {
    const at = this.#take(length);
    this.#take(-length & 3);
    return this.#bytes.subarray(at, at + length);
  }

  /** Bytes with their length in front; a view on the frame, not a copy. */
  opaque(): Buffer {
    return this.fixedOpaque(this.uint());
  }

  string(): string {
    const length = this.uint();
    const at = this.#take(length);
    this.#take(-length & 3);
    return this.#bytes.toString("utf8", at, at + length);
  }

  /** All unread bytes. The reader is at its end after this. */
  rest(): Buffer {
    return this.#bytes.subarray(this.#take(this.remaining));
  }

  /** Moves on, and returns the old position. */
  #take(length: number): number {
    const at = this.#offset;
    if (length > this.#bytes.length - at) {
      throw new MalformedError(`${length} bytes expected, ${this.#bytes.length - at} left`);
    }
    this.#offset = at + length;
    return at;
  }
}
