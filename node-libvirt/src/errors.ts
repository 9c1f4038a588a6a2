import { ErrorCode } from "./constants/error-code.ts";
import { ErrorDomain, ErrorLevel } from "./constants/error-domain.ts";
import { type Name, nameOf } from "./protocol/names.ts";
import { remoteError } from "./protocol/structs.ts";
import type { Out } from "./wire/shape.ts";
import { XdrReader } from "./wire/xdr-reader.ts";

/**
 * libvirt refused or failed a call. Tell errors apart by `code` (`"VIR_ERR_NO_DOMAIN"`) and `domain`
 * (`"VIR_FROM_QEMU"`), never by the text; a newer libvirt's code is `"UNKNOWN_" + number`.
 */
export class LibvirtError extends Error {
  override readonly name = "LibvirtError";
  /** What went wrong, `virErrorNumber`. */
  readonly code: Name<typeof ErrorCode>;
  /** `code` as a number. */
  readonly number: number;
  /** The part of libvirt it comes from, `virErrorDomain`. */
  readonly domain: Name<typeof ErrorDomain>;
  readonly level: Name<typeof ErrorLevel>;
  readonly str1: string | undefined;
  readonly str2: string | undefined;
  readonly str3: string | undefined;
  readonly int1: number;
  readonly int2: number;
  /** The procedure that was called, such as `domainLookupByName`. */
  readonly procedure: string;

  constructor(error: Out<typeof remoteError>, procedure: string) {
    super(error.message ?? `${nameOf(ErrorCode, error.code)} without a message`);
    this.number = error.code;
    this.code = nameOf(ErrorCode, error.code);
    this.domain = nameOf(ErrorDomain, error.domain);
    this.level = nameOf(ErrorLevel, error.level);
    this.str1 = error.str1;
    this.str2 = error.str2;
    this.str3 = error.str3;
    this.int1 = error.int1;
    this.int2 = error.int2;
    this.procedure = procedure;
  }

  /** The error in a packet's payload. */
  static read(payload: Buffer, procedure: string): LibvirtError {
    return new LibvirtError(remoteError.read(new XdrReader(payload)), procedure);
  }
}

/**
 * Why a connection is of no more use:
 * - `unreachable`: it never came about; `cause` says why
 * - `authentication`: libvirt wants a way of authentication that this client has not
 * - `closed`: we closed it ourselves
 * - `ended`: the other side closed it, such as a libvirtd that was stopped
 * - `failed`: the socket failed; `cause` says how
 * - `frozen`: libvirtd did not answer the keep-alive
 * - `malformed`: what was received is not libvirt's protocol; `cause` says what
 */
export type DisconnectReason =
  | "unreachable"
  | "authentication"
  | "closed"
  | "ended"
  | "failed"
  | "frozen"
  | "malformed";

/** There is no connection, or it went away while a call, a stream or an event was waited for. */
export class DisconnectedError extends Error {
  override readonly name = "DisconnectedError";
  readonly reason: DisconnectReason;

  constructor(reason: DisconnectReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** libvirt did not answer within the time limit of the call. What was asked for may happen still. */
export class CallTimeoutError extends Error {
  override readonly name = "CallTimeoutError";
  /** The procedure that was called, such as `domainGetXmlDesc`. */
  readonly procedure: string;
  /** The time limit in milliseconds. */
  readonly timeout: number;

  constructor(procedure: string, timeout: number) {
    super(`${procedure} was not answered within ${timeout} ms`);
    this.procedure = procedure;
    this.timeout = timeout;
  }
}

/** An event iterator was not read for so long that its buffer is full; what follows would be incomplete. */
export class EventOverflowError extends Error {
  override readonly name = "EventOverflowError";

  constructor(limit: number) {
    super(`more than ${limit} events were waiting to be read`);
  }
}
