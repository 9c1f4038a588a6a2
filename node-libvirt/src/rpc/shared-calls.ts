import { CallTimeoutError } from "../errors.ts";
import type { Procedure } from "../protocol/procedure.ts";
import type { CallOptions } from "./pending-calls.ts";
import type { RpcConnection } from "./rpc-connection.ts";

/** The result of a call that found no room. The caller should use another connection. */
export const crowded = Symbol("crowded");

interface Waiting {
  start: () => void;
  fail: (error: unknown) => void;
}

/**
 * The calls that share one connection, with a limited number at a time.
 *
 * When libvirtd owes a client `max_client_requests` answers (5), it reads nothing more from the client, not even
 * keep-alive. It then disconnects the client as dead. So this class stays below that number, and queues calls here.
 */
export class SharedCalls {
  readonly #limit: number;
  readonly #patience: number;
  readonly #waiting = new Set<Waiting>();

  /** At most `limit` calls are in flight. A call that has waited `patience` milliseconds resolves to `crowded`. */
  constructor(limit: number, patience: number) {
    this.#limit = limit;
    this.#patience = patience;
  }

  /** Calls on `rpc`, at once or when there is room. */
  call<A, R>(
    rpc: RpcConnection,
    procedure: Procedure<A, R>,
    args: A,
    options: CallOptions,
  ): Promise<R> | Promise<R | typeof crowded> {
    if (rpc.inFlight < this.#limit && this.#waiting.size === 0) return rpc.call(procedure, args, options);
    return this.#wait(rpc, procedure, args, options);
  }

  /** Starts waiting calls if there is room on `rpc` now. */
  pump(rpc: RpcConnection): void {
    for (const waiting of this.#waiting) {
      if (rpc.inFlight >= this.#limit) return;
      waiting.start();
    }
  }

  /** Rejects all waiting calls when the connection is lost. */
  fail(cause: Error): void {
    for (const { fail } of this.#waiting) fail(cause);
  }

  #wait<A, R>(
    rpc: RpcConnection,
    procedure: Procedure<A, R>,
    args: A,
    options: CallOptions,
  ): Promise<R | typeof crowded> {
    const { signal, timeout = 0 } = options;
    if (signal?.aborted) return Promise.reject(signal.reason);
    const { promise, resolve, reject } = Promise.withResolvers<R | typeof crowded>();
    const leave = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      this.#waiting.delete(waiting);
    };
    const fail = (error: unknown): void => {
      leave();
      reject(error);
    };
    const start = (): void => {
      leave();
      resolve(rpc.call(procedure, args, options));
    };
    const abort = (): void => fail(signal?.reason);
    const impatient = (): void => {
      leave();
      resolve(crowded);
    };
    const waiting: Waiting = { start, fail };
    const timer =
      timeout > 0 && timeout < this.#patience
        ? setTimeout(() => fail(new CallTimeoutError(procedure.name, timeout)), timeout)
        : setTimeout(impatient, this.#patience);
    signal?.addEventListener("abort", abort);
    this.#waiting.add(waiting);
    return promise;
  }
}
