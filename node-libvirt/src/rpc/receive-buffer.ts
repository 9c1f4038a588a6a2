/** The most bytes received at a time: more than a unix socket holds by default. */
const size = 524_288;

/**
 * What a socket receives into, in the form of its `onread` option: one buffer again and again. Node's own way is fresh
 * memory for each chunk, 64 KiB even for an answer of 50 bytes, and the collecting of that garbage costs more than all
 * the rest of a call.
 */
export class ReceiveBuffer {
  readonly buffer: Buffer = Buffer.allocUnsafeSlow(size);
  /** Takes a received chunk, whose memory is good until it returns, or for as long as the socket is paused by then. */
  readonly callback: (length: number) => boolean;

  constructor(receive: (chunk: Buffer) => void) {
    this.callback = (length) => {
      receive(this.buffer.subarray(0, length));
      return true;
    };
  }
}
