import type { Socket } from "node:net";
import { DisconnectedError, type DisconnectReason, LibvirtError } from "../errors.ts";
import { type Procedure, Program } from "../protocol/procedure.ts";
import { type Frame, type Header, MessageStatus, MessageType } from "../wire/frame.ts";
import { FrameReader } from "../wire/frame-reader.ts";
import { encodeFrame, encodeHeader } from "../wire/frame-writer.ts";
import type { Shape } from "../wire/shape.ts";
import { MalformedError, XdrReader } from "../wire/xdr-reader.ts";
import type { Wire } from "./dial.ts";
import { KeepAlive, type KeepAliveOptions } from "./keep-alive.ts";
import { type CallOptions, PendingCalls } from "./pending-calls.ts";
import { type StreamPackets, StreamPort, type StreamSink } from "./stream-port.ts";

/** The procedures of the keep-alive program. */
const KeepAliveMessage = { PING: 1, PONG: 2 } as const;

/** Callbacks for the owner of a connection. */
export interface RpcHandlers {
  /** Receives an event: its program, procedure and payload. Must throw only a MalformedError. */
  message?: (program: number, procedure: number, payload: Buffer) => void;
  /** Reports an answer, so there is room for another call. */
  answered?: () => void;
}

const lostBy = new Set(["ECONNRESET", "EPIPE"]);

/**
 * One socket that speaks libvirt's RPC: calls, their answers, events, streams and the keep-alive.
 *
 * When it ends for any reason, all waiting parts get the same {@link DisconnectedError} at once. Reading never waits,
 * so that no answer can be stuck behind another.
 */
export class RpcConnection {
  readonly #socket: Socket;
  readonly #reader = new FrameReader();
  readonly #pending = new PendingCalls();
  readonly #streams = new Map<number, StreamSink>();
  readonly #keepAlive: KeepAlive | undefined;
  readonly #handlers: RpcHandlers;
  readonly #closed = Promise.withResolvers<DisconnectedError>();
  #cause: DisconnectedError | undefined;

  /** Takes over a connected socket; `keepAlive: false` never pings. */
  constructor(wire: Wire, keepAlive: KeepAliveOptions | false = {}, handlers: RpcHandlers = {}) {
    const { socket } = wire;
    this.#socket = socket;
    this.#handlers = handlers;
    if (keepAlive) {
      this.#keepAlive = new KeepAlive(keepAlive, {
        ping: () => this.#sendKeepAlive(KeepAliveMessage.PING),
        dead: (silentFor) => this.#end("frozen", `libvirt has been silent for ${silentFor} ms`),
      });
    }
    wire.receive = (chunk) => this.#receive(chunk);
    socket
      .on("error", (cause: NodeJS.ErrnoException) =>
        lostBy.has(cause.code ?? "")
          ? this.#end("ended", "libvirt closed the connection", cause)
          : this.#end("failed", "the connection to libvirt failed", cause),
      )
      .on("end", () => this.#end("ended", "libvirt closed the connection"))
      .on("close", () => this.#end("ended", "libvirt closed the connection"));
  }

  /** Resolves with the reason when the connection has ended. Never rejects. */
  get closed(): Promise<DisconnectedError> {
    return this.#closed.promise;
  }

  /** Why the connection has ended; undefined while it has not. */
  get cause(): DisconnectedError | undefined {
    return this.#cause;
  }

  /** The number of answers that libvirt owes. */
  get inFlight(): number {
    return this.#pending.size;
  }

  /** Calls a procedure. Rejects with a LibvirtError, DisconnectedError, CallTimeoutError or the signal's reason. */
  async call<A, R>(procedure: Procedure<A, R>, args: A, options: CallOptions = {}): Promise<R> {
    options.signal?.throwIfAborted();
    if (this.#cause) throw this.#cause;
    const { serial, answer } = this.#pending.add(procedure, options);
    this.#sendCall(procedure, args, serial, answer);
    return answer;
  }

  /**
   * Calls a procedure that opens a stream. The sink gets the stream's packets, possibly before this resolves. A failed
   * call only rejects; the sink does not get its error.
   */
  async openStream<A, R>(
    procedure: Procedure<A, R>,
    args: A,
    sink: StreamSink,
    options: CallOptions = {},
  ): Promise<{ result: R; packets: StreamPackets }> {
    options.signal?.throwIfAborted();
    if (this.#cause) throw this.#cause;
    const { serial, answer } = this.#pending.add(procedure, options);
    // Registered before the answer, because data can come in the same chunk.
    this.#streams.set(serial, sink);
    try {
      this.#sendCall(procedure, args, serial, answer);
      const result = await answer;
      return { result, packets: new StreamPort(this, procedure, serial) };
    } catch (error) {
      this.#streams.delete(serial);
      throw error;
    }
  }

  /** Sends a stream packet. Calls `sent` when the system has taken it, or with the error if it could not. */
  sendStream(header: Header, payload: Uint8Array | undefined, sent?: (error?: Error | null) => void): void {
    if (this.#cause) return sent?.(this.#cause);
    if (!payload) {
      this.#socket.write(encodeHeader(header, 0), sent);
      return;
    }
    this.#socket.cork();
    this.#socket.write(encodeHeader(header, payload.length));
    this.#socket.write(payload, sent);
    this.#socket.uncork();
  }

  /** Sends a stream packet with an XDR payload. */
  sendStreamValue<In>(
    header: Header,
    shape: Shape<In, unknown>,
    value: In,
    sent: (error?: Error | null) => void,
  ): void {
    if (this.#cause) return sent(this.#cause);
    this.#socket.write(encodeFrame(header, shape, value), sent);
  }

  /** Stops receiving, so that libvirt has to wait. Also stops the keep-alive, which could receive no answer. */
  pause(): void {
    this.#socket.pause();
    this.#keepAlive?.stop();
  }

  resume(): void {
    if (this.#cause) return;
    this.#socket.resume();
    this.#keepAlive?.start();
  }

  /** Ends the connection. All waiting parts get `cause`, if given. */
  close(cause?: DisconnectedError): void {
    if (cause) this.#finish(cause);
    else this.#end("closed", "the connection to libvirt was closed");
  }

  #sendCall<A, R>(procedure: Procedure<A, R>, args: A, serial: number, answer: Promise<R>): void {
    const { program, number } = procedure;
    const header = { program, version: 1, procedure: number, type: MessageType.CALL, serial, status: MessageStatus.OK };
    let frame: Buffer;
    try {
      frame = encodeFrame(header, procedure.args, args);
    } catch (error) {
      // Nothing was sent, so libvirt owes no answer.
      answer.catch(() => {});
      this.#pending.withdraw(serial, error);
      throw error;
    }
    this.#socket.write(frame);
  }

  #sendKeepAlive(procedure: number): void {
    this.#socket.write(
      encodeHeader(
        { program: Program.KEEPALIVE, version: 1, procedure, type: MessageType.MESSAGE, serial: 0, status: 0 },
        0,
      ),
    );
  }

  #receive(chunk: Buffer): void {
    this.#keepAlive?.heard();
    try {
      for (const frame of this.#reader.push(chunk)) {
        if (this.#cause) return;
        this.#dispatch(frame);
      }
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      this.#end("malformed", `libvirt sent what is not its protocol: ${error.message}`, error);
    }
  }

  #dispatch(frame: Frame): void {
    if (frame.version !== 1) throw new MalformedError(`version ${frame.version} of the protocol`);
    if (frame.status > MessageStatus.CONTINUE) throw new MalformedError(`a packet of status ${frame.status}`);
    switch (frame.type) {
      case MessageType.REPLY:
      case MessageType.REPLY_WITH_FDS:
        this.#pending.answer(frame);
        this.#handlers.answered?.();
        return;
      case MessageType.MESSAGE:
        if (frame.program !== Program.KEEPALIVE) {
          this.#handlers.message?.(frame.program, frame.procedure, frame.payload);
        } else if (frame.procedure === KeepAliveMessage.PING) {
          this.#sendKeepAlive(KeepAliveMessage.PONG);
        }
        return;
      case MessageType.STREAM:
      case MessageType.STREAM_HOLE:
        this.#dispatchStream(frame);
        return;
      default:
        throw new MalformedError(`a packet of type ${frame.type}`);
    }
  }

  #dispatchStream(frame: Frame): void {
    // Packets of a stream that this client has dropped may still arrive.
    const sink = this.#streams.get(frame.serial);
    if (!sink) return;
    if (frame.status === MessageStatus.ERROR) {
      const error = LibvirtError.read(frame.payload, "stream");
      this.#streams.delete(frame.serial);
      sink.failed(error);
    } else if (frame.type === MessageType.STREAM_HOLE) {
      sink.hole(new XdrReader(frame.payload).hyperNumber());
    } else if (frame.status === MessageStatus.OK) {
      this.#streams.delete(frame.serial);
      sink.finished();
    } else if (frame.payload.length === 0) {
      sink.ended();
    } else {
      sink.data(frame.payload);
    }
  }

  #end(reason: DisconnectReason, message: string, cause?: Error): void {
    if (!this.#cause) this.#finish(new DisconnectedError(reason, message, cause && { cause }));
  }

  #finish(cause: DisconnectedError): void {
    if (this.#cause) return;
    this.#cause = cause;
    this.#keepAlive?.stop();
    // Not after all data is sent: that may never happen behind a stream that libvirtd does not accept.
    this.#socket.destroy();
    this.#pending.fail(cause);
    for (const sink of this.#streams.values()) sink.failed(cause);
    this.#streams.clear();
    this.#closed.resolve(cause);
  }
}
