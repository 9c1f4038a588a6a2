import { type Frame, headerSize, MessageType, maxFds, maxFrameSize } from "./frame.ts";
import { MalformedError } from "./xdr-reader.ts";

/**
 * Cuts a byte stream into frames.
 *
 * Takes time linear in the bytes however they are split: what is incomplete waits in a list and is joined once. No
 * buffer is allocated for a frame before all of it has arrived.
 */
export class FrameReader {
  readonly #chunks: Buffer[] = [];
  #buffered = 0;
  /** The length of the frame at the front, 0 while its length word is incomplete. */
  #expected = 0;
  /** Bytes still to drop: one for each file descriptor, which no length word counts. */
  #skip = 0;

  /** How many bytes wait for the rest of their frame. */
  get buffered(): number {
    return this.#buffered;
  }

  /**
   * Adds received bytes and returns the frames they complete; throws {@link MalformedError} when they cannot be frames,
   * after which the reader is of no more use.
   */
  push(chunk: Buffer): Frame[] {
    const frames: Frame[] = [];
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, rest.length);
        this.#skip -= skipped;
        rest = rest.subarray(skipped);
        continue;
      }
      const wanted = (this.#expected || 4) - this.#buffered;
      if (rest.length < wanted) {
        this.#keep(rest);
        break;
      }
      if (this.#expected === 0) {
        this.#expected = checkLength(this.#peekLength(rest, wanted));
        continue;
      }
      frames.push(this.#complete(rest.subarray(0, wanted)));
      rest = rest.subarray(wanted);
    }
    return frames;
  }

  #keep(bytes: Buffer): void {
    this.#chunks.push(bytes);
    this.#buffered += bytes.length;
  }

  /** The length word, of which the last `missing` bytes are at the start of `rest`. */
  #peekLength(rest: Buffer, missing: number): number {
    if (missing === 4) return rest.readUInt32BE(0);
    return Buffer.concat([...this.#chunks, rest.subarray(0, missing)]).readUInt32BE(0);
  }

  #complete(last: Buffer): Frame {
    let bytes = last;
    if (this.#buffered > 0) {
      this.#chunks.push(last);
      bytes = Buffer.concat(this.#chunks, this.#expected);
      this.#chunks.length = 0;
      this.#buffered = 0;
    }
    this.#expected = 0;
    const frame = parse(bytes);
    if (frame.type === MessageType.REPLY_WITH_FDS || frame.type === MessageType.CALL_WITH_FDS) {
      if (frame.payload.length < 4) throw new MalformedError("a packet with file descriptors does not say how many");
      const count = frame.payload.readUInt32BE(0);
      if (count > maxFds) throw new MalformedError(`${count} file descriptors`);
      frame.payload = frame.payload.subarray(4);
      this.#skip = count;
    }
    return frame;
  }
}

function checkLength(length: number): number {
  if (length < headerSize || length > maxFrameSize) throw new MalformedError(`a frame of ${length} bytes`);
  return length;
}

function parse(bytes: Buffer): Frame {
  return {
    program: bytes.readUInt32BE(4),
    version: bytes.readUInt32BE(8),
    procedure: bytes.readInt32BE(12),
    type: bytes.readUInt32BE(16),
    serial: bytes.readUInt32BE(20),
    status: bytes.readUInt32BE(24),
    payload: bytes.subarray(headerSize),
  };
}
