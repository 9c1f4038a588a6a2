import { Duplex, type DuplexOptions, type Readable } from "node:stream";
import { finished } from "node:stream/promises";
import { MalformedError } from "../wire/xdr-reader.ts";
import { type Handler, Receiver } from "./receiver.ts";
import type { RpcConnection } from "./rpc-connection.ts";
import { maxStreamPayload, type StreamPackets, type StreamSink } from "./stream-port.ts";

/** A run of zero bytes that a sparse stream does not transfer. */
export interface Hole {
  hole: number;
}

/** The directions of a stream. */
export interface StreamShape {
  readable: boolean;
  writable: boolean;
  /** Reports holes separately: the stream is in object mode and its chunks are `Buffer | Hole`. */
  sparse?: boolean;
}

/** A stream from libvirt, to read like any other Node stream or with `recvAll`. */
export type LibvirtReadable = Readable & Pick<LibvirtStream, "recvAll">;

type Done = (error?: Error | null) => void;

/** Number of unread bytes, or packets of a sparse stream, after which the stream stops receiving. */
const highWaterMark = { bytes: 1024 * 1024, packets: 4 };

/** Milliseconds that libvirt has to confirm an abort of a stream. */
const abortPatience = 1000;

/**
 * One libvirt stream as a Node stream. It has its own connection, so its backpressure (without a reader it stops
 * receiving, and libvirtd waits) blocks nothing else.
 *
 * Ending the writable side finishes the stream; libvirt confirms this before `finish` is emitted. Destroying the stream
 * before that aborts it. A libvirt stream is never half-open: when one direction ends, the other ends too.
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

  /** Handles the answer to the call that opened the stream. */
  opened(packets: StreamPackets): void {
    this.#packets = packets;
    if (this.#endedEarly) this.#finish();
  }

  data(bytes: Buffer): void {
    if (this.#aborted) return;
    if (this.#receiver) this.#receiver.take(bytes);
    // A copy, because the receive buffer is reused.
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
   * Passes all data to `handler`, like virStreamRecvAll and virStreamSparseRecvAll, and resolves at the end. This is
   * the fastest way to read. A piece's memory is reused after the handler returns or its promise resolves; until then,
   * no other piece comes. Rejects with an error of the handler, which aborts the stream, or with the stream's error.
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
    // From here on, only the end flows.
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
    // Waits for libvirtd's confirmation: libvirtd 9.0 has been seen to crash when a client vanishes while libvirtd
    // itself drops the stream (the guest is gone, or another client takes the console by force).
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

  /** Stops receiving without a reader. While finishing, little more can come, and the confirmation must arrive. */
  #hold(): void {
    if (this.#state === "open") this.#rpc.pause();
  }

  #finish(): void {
    this.#state = "finishing";
    this.#packets?.finish();
  }
}
