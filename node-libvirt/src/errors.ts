import { ErrorCode } from "./constants/error-code.ts";
import { ErrorDomain, ErrorLevel } from "./constants/error-domain.ts";
import { type Name, nameOf } from "./protocol/names.ts";
import { remoteError } from "./protocol/structs.ts";
import type { Out } from "./wire/shape.ts";
import { XdrReader } from "./wire/xdr-reader.ts";

/**
 * libvirt refused a call, or the call failed. Distinguish errors by `code` (`"VIR_ERR_NO_DOMAIN"`) and `domain`
 * (`"VIR_FROM_QEMU"`), never by the text. A newer libvirt's code is `"UNKNOWN_" + number`.
 */
export class LibvirtError extends Error {
  override readonly name = "LibvirtError";
  /** The kind of error, `virErrorNumber`. */
  readonly code: Name<typeof ErrorCode>;
  /** `code` as a number. */
  readonly number: number;
  /** The part of libvirt that the error comes from, `virErrorDomain`. */
  readonly domain: Name<typeof ErrorDomain>;
  readonly level: Name<typeof ErrorLevel>;
  readonly str1: string | undefined;
  readonly str2: string | undefined;
  readonly str3: string | undefined;
  readonly int1: number;
  readonly int2: number;
  /** The called procedure, such as `domainLookupByName`. */
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
 * Why a connection is no longer usable:
 * - `unreachable`: it could not be established; `cause` has the reason
 * - `authentication`: libvirt requires a kind of authentication that this client lacks
 * - `closed`: the program closed it
 * - `ended`: the other side closed it, for example because libvirtd stopped
 * - `failed`: the socket failed; `cause` has the error
 * - `frozen`: libvirtd did not answer the keep-alive
 * - `malformed`: the received bytes are not libvirt's protocol; `cause` has the error
 */
export type DisconnectReason =
  | "unreachable"
  | "authentication"
  | "closed"
  | "ended"
  | "failed"
  | "frozen"
  | "malformed";

/** There is no connection, or it was lost during a call, a stream or a wait for an event. */
export class DisconnectedError extends Error {
  override readonly name = "DisconnectedError";
  readonly reason: DisconnectReason;

  constructor(reason: DisconnectReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** libvirt did not answer within the time limit of the call. It may still carry out the call. */
export class CallTimeoutError extends Error {
  override readonly name = "CallTimeoutError";
  /** The called procedure, such as `domainGetXmlDesc`. */
  readonly procedure: string;
  /** The time limit in milliseconds. */
  readonly timeout: number;

  constructor(procedure: string, timeout: number) {
    super(`${procedure} was not answered within ${timeout} ms`);
    this.procedure = procedure;
    this.timeout = timeout;
  }
}

/** An event iterator was not read for so long that its buffer is full. Further events would be incomplete. */
export class EventOverflowError extends Error {
  override readonly name = "EventOverflowError";

  constructor(limit: number) {
    super(`more than ${limit} events were waiting to be read`);
  }
}
