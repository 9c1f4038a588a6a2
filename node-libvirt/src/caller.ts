import type { Procedure } from "./protocol/procedure.ts";
import type { LibvirtStream, StreamShape } from "./rpc/libvirt-stream.ts";
import type { CallOptions } from "./rpc/pending-calls.ts";

/** The part of a connection that its domains, volumes and so on need. */
export interface Caller {
  /**
   * Calls any procedure of the table. Rejects with a LibvirtError (libvirt refused), a DisconnectedError, a
   * CallTimeoutError or the signal's reason. When `args` do not fit, rejects with a TypeError or RangeError and sends
   * nothing.
   */
  call<A, R>(procedure: Procedure<A, R>, args: A, options?: CallOptions & Placement): Promise<R>;
  /** Calls a procedure that opens a stream, on a separate connection. */
  openStream<A, R>(
    procedure: Procedure<A, R>,
    args: A,
    shape: StreamShape,
    options?: CallOptions,
  ): Promise<{ result: R; stream: LibvirtStream }>;
}

/** The connection for a call. */
export interface Placement {
  /** A separate connection (true) or the shared one (false); by default, as in the procedure's table entry. */
  apart?: boolean | undefined;
}
