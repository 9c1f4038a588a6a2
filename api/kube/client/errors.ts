/** `metav1.Status`: the API server's description of a failure. */
export interface Status {
  readonly message?: string;
  readonly reason?: string;
  readonly code?: number;
  readonly details?: {
    readonly name?: string;
    readonly group?: string;
    readonly kind?: string;
    readonly retryAfterSeconds?: number;
    readonly causes?: readonly { readonly reason?: string; readonly message?: string; readonly field?: string }[];
  };
}

/** The API server refused a request, or ended a watch with an error. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** The HTTP status, or `status.code` if the error came inside a stream. */
  readonly code: number;
  /** `metav1.StatusReason`, such as `NotFound`; empty when the answer was not a Status. */
  readonly reason: string;
  readonly status: Status;
  /** Milliseconds that the server asks the client to wait before it repeats the request. */
  readonly retryAfter: number | undefined;

  constructor(code: number, status: Status, retryAfter?: number) {
    super(status.message || status.reason || `HTTP status ${code}`);
    this.code = code;
    this.reason = status.reason ?? "";
    this.status = status;
    this.retryAfter = retryAfter;
  }

  get isNotFound(): boolean {
    return this.code === 404;
  }

  /** Another client changed the object, or owns the applied field. */
  get isConflict(): boolean {
    return this.code === 409 && this.reason !== "AlreadyExists";
  }

  get isAlreadyExists(): boolean {
    return this.code === 409 && this.reason === "AlreadyExists";
  }

  get isInvalid(): boolean {
    return this.code === 422;
  }

  get isUnauthorized(): boolean {
    return this.code === 401;
  }

  get isForbidden(): boolean {
    return this.code === 403;
  }

  /** The resourceVersion or the continue token is too old: list again. */
  get isExpired(): boolean {
    return this.code === 410 || this.reason === "Expired" || this.reason === "Gone";
  }

  /** The resourceVersion is newer than the server's, as after a restore of etcd from a backup: list again. */
  get isAhead(): boolean {
    return this.status.details?.causes?.some(({ reason }) => reason === "ResourceVersionTooLarge") === true;
  }
}

/** No answer came, or it broke off. */
export class NetworkError extends Error {
  override readonly name = "NetworkError";
  /** Whether the server may have seen the request; `false` when there was no connection to send it over. */
  readonly sent: boolean;

  constructor(message: string, { sent, cause }: { sent: boolean; cause?: unknown }) {
    super(message, { cause });
    this.sent = sent;
  }

  /** The system's code, such as `ECONNREFUSED`, from the server or from the proxy before it, if there is one. */
  get code(): string | undefined {
    const { cause } = this;
    return cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : undefined;
  }
}

/** The proxy is unreachable, or refuses to connect to the API server. */
export class ProxyError extends Error {
  override readonly name = "ProxyError";

  /** @param proxy its address without secrets */
  constructor(proxy: string, cause: unknown) {
    super(`proxy ${proxy}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }

  /** The system's code, such as `ECONNREFUSED`, when the proxy is unreachable. */
  get code(): string | undefined {
    const { cause } = this;
    return cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : undefined;
  }
}

/** A request took longer than its time limit, or a stream was silent for too long. */
export class TimeLimitError extends Error {
  override readonly name = "TimeLimitError";
}

/** The peer does not speak like an API server: not JSON where JSON belongs, or an endless line. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
}

/** There is no configuration for the API server: no kubeconfig, no such context, no service account. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}

/** Thrown by a reconciler when a retry is of no use: it is counted and logged; the key waits for its next change. */
export class TerminalError extends Error {
  override readonly name = "TerminalError";
}

/** Leadership ended although the program did not give it up: another candidate may lead already. */
export class LeadershipLostError extends Error {
  override readonly name = "LeadershipLostError";
}
