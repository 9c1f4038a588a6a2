import { Duplex, type DuplexOptions, type Readable } from "node:stream";
import { finished } from "node:stream/promises";
import { MalformedError } from "../wire/xdr-reader.ts";
import { type Handler, Receiver } from "./receiver.ts";
import type { RpcConnection } from "./rpc-connection.ts";
import { maxStreamPayload, type StreamPackets, type StreamSink } from "./stream-port.ts";

/** A run of zero bytes that a sparse stream does not carry. */
export interface Hole {
  hole: number;
}

/** Which ways a stream goes. */
export interface StreamShape {
  readable: boolean;
  writable: boolean;
  /** Holes are told apart: the stream is in object mode and its chunks are `Buffer | Hole`. */
  sparse?: boolean;
}

/** A stream from libvirt, read as any other of Node's or by `recvAll`. */
export type LibvirtReadable = Readable & Pick<LibvirtStream, "recvAll">;

type Done = (error?: Error | null) => void;

/** How many unread bytes, or packets of a sparse stream, stop us from receiving more. */
const highWaterMark = { bytes: 1024 * 1024, packets: 4 };

/** How long libvirt may take to confirm that a stream is broken off, in milliseconds. */
const abortPatience = 1000;

/**
 * One libvirt stream as a Node stream. It has its connection to itself, so that holding it back (nobody reads: we stop
 * receiving and libvirtd waits) holds nothing else back.
 *
 * Ending the writable side finishes the stream, which libvirt confirms before `finish` is emitted; destroying it before
 * that breaks it off. A libvirt stream has no half-open state: when one way ends, so does the other.
 */
export class LibvirtStream extends Duplex implements StreamSink {
  readonly #rpc: RpcConnection;
  #packets: StreamPackets | undefined;
  #state: "open" | "finishing" | "aborting" | "over" = "open";
  #confirmed: Done | undefined;
  #endedEarly = false;
  #aborted: (() => void) | undefined;
  #receiver: Receiver<Buffer | Hole> | undefined;

  constructor(rpc: RpcConnection, { readable, writable, sparse = false }: StreamShape) {
    const mark = sparse ? highWaterMark.packets : highWaterMark.bytes;
    const options = { readable, writable, objectMode: sparse, highWaterMark: mark, allowHalfOpen: false };
    super(options satisfies DuplexOptions);
    this.#rpc = rpc;
  }

  /** The call that opened the stream was answered. */
  opened(packets: StreamPackets): void {
    this.#packets = packets;
    if (this.#endedEarly) this.#finish();
  }

  data(bytes: Buffer): void {
    if (this.#aborted) return;
    if (this.#receiver) this.#receiver.take(bytes);
    // A copy: what we received into will be received into again.
    else if (!this.push(Buffer.from(bytes))) this.#hold();
  }

  hole(length: number): void {
    if (this.#aborted) return;
    if (!this.readableObjectMode) throw new MalformedError("a hole in a stream that is not sparse");
    if (length < 0) throw new MalformedError(`a hole of ${length} bytes`);
    const chunk: Hole = { hole: length };
    if (this.#receiver) this.#receiver.take(chunk);
    else if (!this.push(chunk)) this.#hold();
  }

  ended(): void {
    if (this.#state !== "open") return;
    if (this.#packets) this.#finish();
    else this.#endedEarly = true;
  }

  finished(): void {
    this.#state = "over";
    if (this.#aborted) return this.#aborted();
    this.#confirmed?.();
    this.#rpc.close();
    if (this.#receiver) this.#receiver.whenIdle(() => this.push(null));
    else this.push(null);
  }

  failed(error: Error): void {
    this.#state = "over";
    if (this.#aborted) return this.#aborted();
    this.destroy(error);
  }

  /**
   * Hands all data to `handler`, as virStreamRecvAll and virStreamSparseRecvAll do, and resolves at the end: the
   * fastest way to read. A piece's memory is used again when the handler has returned, or its promise has resolved,
   * before which no other comes. Rejects with what the handler throws, which breaks the stream off, or why it failed.
   */
  recvAll(handler: Handler<Buffer>, holeHandler: Handler<number> = () => {}): Promise<void> {
    if (this.#receiver || this.readableDidRead) throw new Error("the stream is being read already");
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const receiver = new Receiver<Buffer | Hole>(
      (piece) => ("hole" in piece ? holeHandler(piece.hole) : handler(piece)),
      this.#rpc,
      (error) => {
        reject(error);
        this.destroy(error instanceof Error ? error : undefined);
      },
    );
    this.#receiver = receiver;
    finished(this).then(() => receiver.whenIdle(resolve), reject);
    for (let early = this.read(); early !== null; early = this.read()) receiver.take(early);
    // From here on nothing flows but the end.
    this.resume();
    return promise;
  }

  override _read(): void {
    if (!this.#receiver?.busy) this.#rpc.resume();
  }

  override _write(chunk: Uint8Array | Hole, _encoding: BufferEncoding, done: Done): void {
    const packets = this.#packets;
    if (this.#state !== "open" || !packets) return done(new Error("libvirt has ended the stream"));
    if (!(chunk instanceof Uint8Array)) return packets.hole(chunk.hole, done);
    let offset = 0;
    while (chunk.length - offset > maxStreamPayload) {
      packets.data(chunk.subarray(offset, offset + maxStreamPayload), () => {});
      offset += maxStreamPayload;
    }
    packets.data(chunk.subarray(offset), done);
  }

  override _final(done: Done): void {
    if (this.#state === "over") return done();
    this.#confirmed = done;
    if (this.#state === "open") this.#finish();
    this.#rpc.resume();
  }

  override _destroy(error: Error | null, done: Done): void {
    const packets = this.#state === "over" ? undefined : this.#packets;
    if (!packets) {
      this.#rpc.close();
      done(error);
      return;
    }
    // Not before libvirtd has confirmed it: one whose client vanishes while it drops the stream itself (the guest is
    // gone, somebody else takes the console by force) has been seen to crash, libvirt 9.0.
    this.#state = "aborting";
    const timer = setTimeout(() => this.#aborted?.(), abortPatience);
    this.#aborted = () => {
      clearTimeout(timer);
      this.#aborted = () => {};
      this.#rpc.close();
      done(error);
    };
    this.#rpc.resume();
    packets.abort();
  }

  /** Nobody reads. When finishing, little more can come, and the confirmation behind it must be heard. */
  #hold(): void {
    if (this.#state === "open") this.#rpc.pause();
  }

  #finish(): void {
    this.#state = "finishing";
    this.#packets?.finish();
  }
}
