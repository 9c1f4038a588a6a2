/* oxlint-disable typescript/no-unsafe-type-assertion -- the answer is what the table says the procedure returns */
import { CallTimeoutError, LibvirtError } from "../errors.ts";
import type { Procedure } from "../protocol/procedure.ts";
import { type Frame, MessageStatus } from "../wire/frame.ts";
import { MalformedError, XdrReader } from "../wire/xdr-reader.ts";

/** Limits of the wait for a call. */
export interface CallOptions {
  /** Stops waiting: the call rejects with the signal's reason. libvirt does not know, and may still do it. */
  signal?: AbortSignal | undefined;
  /** Milliseconds until the call rejects with a `CallTimeoutError`; 0 for no limit. */
  timeout?: number | undefined;
}

interface Pending {
  procedure: Procedure;
  settle: (error: unknown, value?: unknown) => void;
}

/** The unanswered calls of one connection, by serial. */
export class PendingCalls {
  readonly #calls = new Map<number, Pending>();
  #serial = 0;

  /** Number of answers that libvirt still owes, including those that no caller waits for any more. */
  get size(): number {
    return this.#calls.size;
  }

  /**
   * Adds a call, and returns its serial and its future answer. The promise rejects at the time limit, the signal, an
   * error from libvirt, or the end of the connection. The entry stays until the answer or the end.
   */
  add<R>(procedure: Procedure<never, R>, { signal, timeout = 0 }: CallOptions): { serial: number; answer: Promise<R> } {
    // Serials have 32 bits and start over. Skips serials that are still in use.
    do this.#serial = (this.#serial % 0xffff_ffff) + 1;
    while (this.#calls.has(this.#serial));
    const serial = this.#serial;
    const answer = new Promise<R>((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const settle = (error: unknown, value?: unknown): void => {
        if (timer) clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
        if (error === undefined) resolve(value as R);
        else reject(error);
      };
      const abort = (): void => settle(signal?.reason);
      if (timeout > 0) timer = setTimeout(() => settle(new CallTimeoutError(procedure.name, timeout)), timeout);
      signal?.addEventListener("abort", abort);
      this.#calls.set(serial, { procedure, settle });
    });
    return { serial, answer };
  }

  /**
   * Settles the call of a reply. Throws a MalformedError when there is no such call, the reply is for another
   * procedure, or the payload is invalid; then {@link fail} still settles the call.
   */
  answer(frame: Frame): void {
    const pending = this.#calls.get(frame.serial);
    if (!pending) throw new MalformedError(`a reply to call ${frame.serial}, which was not made`);
    const { procedure, settle } = pending;
    if (frame.procedure !== procedure.number || frame.program !== procedure.program) {
      throw new MalformedError(`the reply to ${procedure.name} is that of procedure ${frame.procedure}`);
    }
    const failed = frame.status === MessageStatus.ERROR;
    const error = failed ? LibvirtError.read(frame.payload, procedure.name) : undefined;
    const value = failed ? undefined : procedure.returns.read(new XdrReader(frame.payload));
    this.#calls.delete(frame.serial);
    settle(error, value);
  }

  /** Removes a call that was never sent, and rejects it. */
  withdraw(serial: number, error: unknown): void {
    const pending = this.#calls.get(serial);
    this.#calls.delete(serial);
    pending?.settle(error);
  }

  /** Rejects all unanswered calls. */
  fail(cause: Error): void {
    for (const { settle } of this.#calls.values()) settle(cause);
    this.#calls.clear();
  }
}
