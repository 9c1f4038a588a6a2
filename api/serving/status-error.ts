/** `metav1.Status` of a refused request. */
interface StatusBody {
  kind: "Status";
  apiVersion: "v1";
  metadata: Record<string, never>;
  status: "Failure";
  message: string;
  reason: string;
  details?: { name?: string; group?: string; kind?: string };
  code: number;
}

/** `metav1.StatusReason` of each HTTP status that our servers answer with. */
const reasons: Readonly<Record<number, string>> = {
  400: "BadRequest",
  401: "Unauthorized",
  403: "Forbidden",
  404: "NotFound",
  405: "MethodNotAllowed",
  406: "NotAcceptable",
  409: "Conflict",
  413: "RequestEntityTooLarge",
  415: "UnsupportedMediaType",
  422: "Invalid",
  426: "UpgradeRequired",
  429: "TooManyRequests",
  500: "InternalError",
  501: "NotImplemented",
  503: "ServiceUnavailable",
  504: "Timeout",
};

/** A refused request: the message for the client, and the HTTP status. */
export class StatusError extends Error {
  override readonly name = "StatusError";
  readonly code: number;
  readonly details: StatusBody["details"];

  constructor(
    code: number,
    message: string,
    { cause, details }: { cause?: unknown; details?: StatusBody["details"] } = {},
  ) {
    super(message, { cause });
    this.code = code;
    this.details = details;
  }

  /** The body of the response. */
  toJSON(): StatusBody {
    return {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message: this.message,
      reason: reasons[this.code] ?? "InternalError",
      ...(this.details ? { details: this.details } : {}),
      code: this.code,
    };
  }
}
