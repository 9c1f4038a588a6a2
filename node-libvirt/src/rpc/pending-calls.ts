/* oxlint-disable typescript/no-unsafe-type-assertion -- the answer is what the table says the procedure returns */
import { CallTimeoutError, LibvirtError } from "../errors.ts";
import type { Procedure } from "../protocol/procedure.ts";
import { type Frame, MessageStatus } from "../wire/frame.ts";
import { MalformedError, XdrReader } from "../wire/xdr-reader.ts";

/** How long a call is waited for. */
export interface CallOptions {
  /** Gives up waiting; the call rejects with the signal's reason. libvirt is not told: what was asked may happen still. */
  signal?: AbortSignal | undefined;
  /** Milliseconds until the call rejects with a `CallTimeoutError`; 0 for no limit. */
  timeout?: number | undefined;
}

interface Pending {
  procedure: Procedure;
  settle: (error: unknown, value?: unknown) => void;
}

/** The calls of one connection that are not yet answered, by serial. */
export class PendingCalls {
  readonly #calls = new Map<number, Pending>();
  #serial = 0;

  /** How many answers libvirt still owes; one that is waited for no longer is owed all the same. */
  get size(): number {
    return this.#calls.size;
  }

  /**
   * Enters a call and returns its serial and what will be its answer. The promise is rejected by the time limit, the
   * signal, an error of libvirt's or the end of the connection; the entry stays until the answer or the end.
   */
  add<R>(procedure: Procedure<never, R>, { signal, timeout = 0 }: CallOptions): { serial: number; answer: Promise<R> } {
    // Serials are 32 bits and start over; the ones still in use are passed over.
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
   * Settles the call that a reply is for. Throws a MalformedError when there is none, it is another procedure's, or the
   * payload makes no sense; the call is then left for {@link fail}.
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

  /** Takes back a call that was never sent, and rejects it. */
  withdraw(serial: number, error: unknown): void {
    const pending = this.#calls.get(serial);
    this.#calls.delete(serial);
    pending?.settle(error);
  }

  /** Rejects every call that is still waited for. */
  fail(cause: Error): void {
    for (const { settle } of this.#calls.values()) settle(cause);
    this.#calls.clear();
  }
}
