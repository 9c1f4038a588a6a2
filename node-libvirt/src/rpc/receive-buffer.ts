/** The most bytes received at a time. */
const size = 65536;

/** A chunk of at least this is passed on as it is, a smaller one copied. */
const copyBelow = 16_384;

/**
 * What a socket receives into, in the form of its `onread` option: one buffer again and again while the chunks are
 * small. Node's own way is 64 KiB of fresh memory for each answer of 50 bytes, and the collecting of that garbage would
 * cost more than all the rest of a call.
 */
export class ReceiveBuffer {
  #buffer: Buffer | undefined;
  /** Names the buffer for the next chunk. */
  readonly buffer: () => Buffer;
  /** Takes a received chunk. */
  readonly callback: (length: number, buffer: Uint8Array) => boolean;

  constructor(receive: (chunk: Buffer) => void) {
    this.buffer = () => (this.#buffer ??= Buffer.allocUnsafeSlow(size));
    this.callback = (length, buffer) => {
      const chunk = Buffer.from(buffer.buffer, buffer.byteOffset, length);
      if (length < copyBelow) {
        receive(Buffer.from(chunk));
      } else {
        this.#buffer = undefined;
        receive(chunk);
      }
      return true;
    };
  }
}
