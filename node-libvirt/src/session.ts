import { setTimeout as delay } from "node:timers/promises";
import type { Caller, Placement } from "./caller.ts";
import { CallTimeoutError, DisconnectedError } from "./errors.ts";
import { connectProcedures } from "./protocol/connect.ts";
import type { Procedure } from "./protocol/procedure.ts";
import type { Address } from "./rpc/address.ts";
import { Gate } from "./rpc/gate.ts";
import { openRpc } from "./rpc/handshake.ts";
import { LibvirtStream, type StreamShape } from "./rpc/libvirt-stream.ts";
import type { CallOptions } from "./rpc/pending-calls.ts";
import type { RpcConnection } from "./rpc/rpc-connection.ts";
import { crowded, SharedCalls } from "./rpc/shared-calls.ts";
import type { SessionOptions } from "./session-options.ts";

/** Callbacks for the owner of a session. */
export interface SessionHandlers {
  message(program: number, procedure: number, payload: Buffer): void;
  /** A new main connection exists. Other calls can use it after this resolves. */
  restored(rpc: RpcConnection): Promise<void>;
  /** The main connection is usable again. */
  reconnected(): void;
  /** The main connection is lost. It may come back if `final` is false. */
  lost(cause: DisconnectedError, final: boolean): void;
}

/**
 * The sockets to one libvirt: a main one for short calls and events, and one for each long job and stream, because
 * libvirtd serves few calls of one socket at a time. When the main one ends, all end.
 */
export class Session implements Caller {
  readonly #address: Address;
  readonly #options: SessionOptions;
  readonly #handlers: SessionHandlers;
  readonly #shared: SharedCalls;
  readonly #jobs: Gate;
  /** For short calls that found the main connection crowded; they must not queue behind long jobs. */
  readonly #spill: Gate;
  readonly #apart = new Set<RpcConnection>();
  readonly #stop = new AbortController();
  #main: RpcConnection | undefined;
  #cause = new DisconnectedError("unreachable", "not connected");

  constructor(address: Address, options: SessionOptions, handlers: SessionHandlers) {
    this.#address = address;
    this.#options = options;
    this.#handlers = handlers;
    this.#shared = new SharedCalls(options.maxInFlight, options.patience);
    this.#jobs = new Gate(options.maxLongCalls);
    this.#spill = new Gate(options.maxInFlight);
  }

  /** The main connection, if there is one now. */
  get main(): RpcConnection | undefined {
    return this.#main;
  }

  /** Why there is no main connection, while there is none. */
  get cause(): DisconnectedError {
    return this.#cause;
  }

  /** The number of open connections for long jobs and streams. */
  get apart(): number {
    return this.#apart.size;
  }

  /** Opens the main connection. */
  async open(signal?: AbortSignal): Promise<void> {
    const rpc = await this.#openMain(signal);
    this.#use(rpc);
  }

  async call<A, R>(
    procedure: Procedure<A, R>,
    args: A,
    { apart = procedure.conduct !== "short", signal, timeout }: CallOptions & Placement = {},
  ): Promise<R> {
    const limit = timeout ?? (procedure.conduct === "short" ? this.#options.timeout : this.#options.longTimeout);
    const options = { signal, timeout: limit };
    if (!apart) {
      const main = this.#main;
      if (!main) throw this.#cause;
      const result = await this.#shared.call(main, procedure, args, options);
      if (result !== crowded) return result;
      const late = { after: limit, error: () => new CallTimeoutError(procedure.name, limit) };
      return this.#spill.pass(() => this.#callApart(procedure, args, options), signal, late);
    }
    return this.#jobs.pass(() => this.#callApart(procedure, args, options), signal);
  }

  async openStream<A, R>(
    procedure: Procedure<A, R>,
    args: A,
    shape: StreamShape,
    { signal, timeout = this.#options.timeout }: CallOptions = {},
  ): Promise<{ result: R; stream: LibvirtStream }> {
    // The reader of a stream may pause it for any time, so the server must not treat silence as death.
    const rpc = await this.#openApart(false, signal);
    try {
      const stream = new LibvirtStream(rpc, shape);
      // Until the stream is returned, the rejection reports its errors.
      stream.on("error", ignore);
      const { result, packets } = await rpc.openStream(procedure, args, stream, { signal, timeout });
      stream.opened(packets);
      if (stream.errored) throw stream.errored;
      stream.off("error", ignore);
      return { result, stream };
    } catch (error) {
      rpc.close();
      throw error;
    }
  }

  /** Closes every socket. Rejects waiting calls with a DisconnectedError (`closed`). */
  async close(): Promise<void> {
    const main = this.#main;
    const cause = new DisconnectedError("closed", "the connection to libvirt was closed");
    this.#stop.abort(cause);
    // libvirt's own close call: after its answer, libvirt has released everything of this connection.
    if (main) await main.call(connectProcedures.connectClose, {}, { timeout: 1000 }).catch(() => {});
    if (main) main.close(cause);
    else this.#lose(cause);
  }

  async #callApart<A, R>(procedure: Procedure<A, R>, args: A, options: CallOptions): Promise<R> {
    const rpc = await this.#openApart(true, options.signal);
    try {
      return await rpc.call(procedure, args, options);
    } finally {
      rpc.close();
    }
  }

  async #openApart(pingedByServer: boolean, signal?: AbortSignal): Promise<RpcConnection> {
    const main = this.#main;
    if (!main) throw this.#cause;
    const { keepAlive } = this.#options;
    const rpc = await openRpc(this.#address, { signal: this.#connectSignal(signal), keepAlive, pingedByServer });
    if (main.cause) {
      rpc.close(main.cause);
      throw main.cause;
    }
    this.#apart.add(rpc);
    void rpc.closed.then(() => this.#apart.delete(rpc));
    return rpc;
  }

  #openMain(signal?: AbortSignal): Promise<RpcConnection> {
    const handlers = {
      message: (program: number, number: number, payload: Buffer) => this.#handlers.message(program, number, payload),
      answered: () => {
        if (this.#main) this.#shared.pump(this.#main);
      },
    };
    const { keepAlive } = this.#options;
    return openRpc(this.#address, { signal: this.#connectSignal(signal), keepAlive, pingedByServer: true, handlers });
  }

  #connectSignal(signal?: AbortSignal): AbortSignal {
    const limits = [AbortSignal.timeout(this.#options.connectTimeout), this.#stop.signal];
    return AbortSignal.any(signal ? [...limits, signal] : limits);
  }

  #use(rpc: RpcConnection): void {
    this.#main = rpc;
    void rpc.closed.then((cause) => this.#lose(cause));
  }

  #lose(cause: DisconnectedError): void {
    this.#main = undefined;
    this.#cause = cause;
    this.#shared.fail(cause);
    for (const rpc of this.#apart) rpc.close(cause);
    const final = cause.reason === "closed" || !this.#options.reconnect || this.#stop.signal.aborted;
    this.#handlers.lost(cause, final);
    if (!final) void this.#reconnect();
  }

  async #reconnect(): Promise<void> {
    const { minDelay, maxDelay } = this.#options.reconnect || { minDelay: 0, maxDelay: 0 };
    const { signal } = this.#stop;
    for (let wait = minDelay; !signal.aborted; wait = Math.min(wait * 2, maxDelay)) {
      try {
        await delay(wait, undefined, { signal, ref: false });
        const rpc = await this.#openMain();
        try {
          await this.#handlers.restored(rpc);
          if (rpc.cause) throw rpc.cause;
        } catch (error) {
          rpc.close();
          throw error;
        }
        this.#use(rpc);
        this.#handlers.reconnected();
        return;
      } catch {
        // Tries again. Until it succeeds, calls fail with the reason of the loss.
      }
    }
  }
}

function ignore(): void {}
