import { type Frame, type Header, headerSize, MessageStatus, MessageType, maxFds, maxFrameSize } from "./frame.ts";
import { MalformedError } from "./xdr-reader.ts";

/**
 * Splits a byte stream into frames.
 *
 * The time is linear in the number of bytes for any split into chunks: incomplete frames wait in a list and are joined
 * once. It allocates no buffer for a frame before the whole frame has arrived. It does not join the data of a stream,
 * but passes each piece on as a frame, because a byte stream has no frame borders.
 *
 * It copies pushed bytes if it has to keep them; returned frames may be views on pushed bytes.
 */
export class FrameReader {
  readonly #chunks: Buffer[] = [];
  #buffered = 0;
  /** The length of the frame at the front; 0 while its length word is incomplete. */
  #expected = 0;
  /** Whether the frame at the front must be joined. */
  #joined = false;
  /** The header of the stream data being passed on, and the number of bytes still to come. */
  #passing: { header: Header; remaining: number } | undefined;
  /** Bytes still to skip: one per file descriptor, which no length word counts. */
  #skip = 0;

  /** The number of bytes that wait for the rest of their frame. */
  get buffered(): number {
    return this.#buffered;
  }

  /**
   * Adds received bytes and returns the frames that they complete. Throws {@link MalformedError} when they cannot be
   * frames; after that, the reader is unusable.
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
      if (this.#passing) {
        rest = this.#pass(this.#passing, rest, frames);
        continue;
      }
      const target = this.#joined ? this.#expected : this.#expected === 0 ? 4 : headerSize;
      const wanted = target - this.#buffered;
      if (rest.length < wanted) {
        this.#keep(rest);
        break;
      }
      if (this.#expected === 0) {
        this.#expected = checkLength(this.#front(rest, wanted).readUInt32BE(0));
      } else if (this.#joined) {
        frames.push(this.#complete(rest.subarray(0, wanted)));
        rest = rest.subarray(wanted);
      } else {
        rest = this.#begin(rest, wanted);
      }
    }
    return frames;
  }

  #keep(bytes: Buffer): void {
    this.#chunks.push(Buffer.from(bytes));
    this.#buffered += bytes.length;
  }

  /** The start of the frame; its last `missing` bytes are at the start of `rest`. */
  #front(rest: Buffer, missing: number): Buffer {
    return this.#buffered === 0 ? rest : Buffer.concat([...this.#chunks, rest.subarray(0, missing)]);
  }

  /** Decides by the header whether to join the frame. The header's last `missing` bytes are at the start of `rest`. */
  #begin(rest: Buffer, missing: number): Buffer {
    const front = this.#front(rest, missing);
    const data = front.readUInt32BE(16) === MessageType.STREAM && front.readUInt32BE(24) === MessageStatus.CONTINUE;
    if (!data || this.#expected === headerSize) {
      this.#joined = true;
      return rest;
    }
    this.#passing = { header: parseHeader(front), remaining: this.#expected - headerSize };
    this.#clear();
    return rest.subarray(missing);
  }

  #pass(passing: { header: Header; remaining: number }, rest: Buffer, frames: Frame[]): Buffer {
    const payload = rest.subarray(0, passing.remaining);
    frames.push({ ...passing.header, payload });
    passing.remaining -= payload.length;
    if (passing.remaining === 0) this.#passing = undefined;
    return rest.subarray(payload.length);
  }

  #clear(): void {
    this.#chunks.length = 0;
    this.#buffered = 0;
    this.#expected = 0;
    this.#joined = false;
  }

  #complete(last: Buffer): Frame {
    let bytes = last;
    if (this.#buffered > 0) {
      this.#chunks.push(last);
      bytes = Buffer.concat(this.#chunks, this.#expected);
    }
    this.#clear();
    const frame = { ...parseHeader(bytes), payload: bytes.subarray(headerSize) };
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

function parseHeader(bytes: Buffer): Header {
  return {
    program: bytes.readUInt32BE(4),
    version: bytes.readUInt32BE(8),
    procedure: bytes.readInt32BE(12),
    type: bytes.readUInt32BE(16),
    serial: bytes.readUInt32BE(20),
    status: bytes.readUInt32BE(24),
  };
}
