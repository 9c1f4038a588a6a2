import type { Procedure } from "./protocol/procedure.ts";
import type { LibvirtStream, StreamShape } from "./rpc/libvirt-stream.ts";
import type { CallOptions } from "./rpc/pending-calls.ts";

/** What a domain, a volume and the like need of their connection. */
export interface Caller {
  /**
   * Calls any procedure of the table. Rejects with a LibvirtError (libvirt said no), a DisconnectedError, a
   * CallTimeoutError or the signal's reason; with a TypeError or RangeError, and nothing sent, when `args` do not fit.
   */
  call<A, R>(procedure: Procedure<A, R>, args: A, options?: CallOptions & Placement): Promise<R>;
  /** Calls a procedure that opens a stream, on a connection of its own. */
  openStream<A, R>(
    procedure: Procedure<A, R>,
    args: A,
    shape: StreamShape,
    options?: CallOptions,
  ): Promise<{ result: R; stream: LibvirtStream }>;
}

/** Where a call is made. */
export interface Placement {
  /** On a connection of its own (true) or on the shared one (false); by its table entry unless told. */
  apart?: boolean | undefined;
}
