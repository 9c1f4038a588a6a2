/** Most bytes of one read: more than a Unix socket holds by default. */
const size = 524_288;

/**
 * The receive buffer of a socket, in the form of its `onread` option: one buffer, reused. By default, Node allocates
 * new memory for each chunk, 64 KiB even for an answer of 50 bytes; collecting that garbage costs more than the rest of
 * a call.
 */
export class ReceiveBuffer {
  readonly buffer: Buffer = Buffer.allocUnsafeSlow(size);
  /** Receives a chunk. Its memory is valid until this returns, or while the socket is paused at that point. */
  readonly callback: (length: number) => boolean;

  constructor(receive: (chunk: Buffer) => void) {
    this.callback = (length) => {
      receive(this.buffer.subarray(0, length));
      return true;
    };
  }
}
