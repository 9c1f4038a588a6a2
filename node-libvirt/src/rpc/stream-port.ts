import type { Procedure } from "../protocol/procedure.ts";
import { type Header, MessageStatus, MessageType } from "../wire/frame.ts";
import { type Shape, size, struct, uint } from "../wire/shape.ts";

/** Receives a stream's packets, in order. */
export interface StreamSink {
  data(bytes: Buffer): void;
  /** `length` zero bytes that were not sent. Throws a MalformedError when the stream is not sparse. */
  hole(length: number): void;
  /** libvirt has no more data, and waits for this client to finish. */
  ended(): void;
  /** libvirt has confirmed this client's finish. */
  finished(): void;
  /** The stream is over: with a LibvirtError, or the reason why the connection ended. */
  failed(error: Error): void;
}

type Sent = (error?: Error | null) => void;

/** The packets that a client may send on its stream. */
export interface StreamPackets {
  /** Sends data; at most {@link maxStreamPayload} bytes. */
  data(bytes: Uint8Array, sent: Sent): void;
  /** Sends a hole of `length` bytes. */
  hole(length: number, sent: Sent): void;
  /** Reports that this client is done; libvirt confirms it. */
  finish(): void;
  /** Aborts the stream; libvirt confirms it with an error or the end. */
  abort(): void;
}

/** The maximum bytes in one stream packet that every libvirt accepts. */
export const maxStreamPayload = 262_120;

const holePayload = struct({ length: size, flags: uint });

interface Wire {
  sendStream(header: Header, payload: Uint8Array | undefined, sent?: Sent): void;
  sendStreamValue<In>(header: Header, shape: Shape<In, unknown>, value: In, sent: Sent): void;
}

/** The sending side of one stream of a connection. */
export class StreamPort implements StreamPackets {
  readonly #wire: Wire;
  readonly #header: Omit<Header, "type" | "status">;

  constructor(wire: Wire, { program, number }: Procedure, serial: number) {
    this.#wire = wire;
    this.#header = { program, version: 1, procedure: number, serial };
  }

  data(bytes: Uint8Array, sent: Sent): void {
    this.#wire.sendStream(this.#packet(MessageStatus.CONTINUE), bytes, sent);
  }

  hole(length: number, sent: Sent): void {
    const header = { ...this.#header, type: MessageType.STREAM_HOLE, status: MessageStatus.CONTINUE };
    this.#wire.sendStreamValue(header, holePayload, { length, flags: 0 }, sent);
  }

  finish(): void {
    this.#wire.sendStream(this.#packet(MessageStatus.OK), undefined);
  }

  abort(): void {
    this.#wire.sendStream(this.#packet(MessageStatus.ERROR), undefined);
  }

  #packet(status: number): Header {
    return { ...this.#header, type: MessageType.STREAM, status };
  }
}
