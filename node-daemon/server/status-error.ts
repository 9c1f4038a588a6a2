/** Reasons of `metav1.Status` that this server gives, by their HTTP status. */
const reasons = {
  400: "BadRequest",
  401: "Unauthorized",
  403: "Forbidden",
  404: "NotFound",
  405: "MethodNotAllowed",
  409: "Conflict",
  413: "RequestEntityTooLarge",
  500: "InternalError",
  503: "ServiceUnavailable",
} as const;

export type StatusCode = keyof typeof reasons;

/** A refusal: what the client is to read, and the HTTP status it comes with. */
export class StatusError extends Error {
  override readonly name = "StatusError";
  readonly code: StatusCode;

  constructor(code: StatusCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** As `metav1.Status`. */
  toJSON(): object {
    return {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message: this.message,
      reason: reasons[this.code],
      code: this.code,
    };
  }
}

/** Any failure as the one that is told: what is no refusal is an internal error with the message of its causes. */
export function statusOf(error: unknown): StatusError {
  if (error instanceof StatusError) return error;
  const parts: string[] = [];
  for (let at = error; at instanceof Error; at = at.cause) parts.push(at.message || at.name);
  return new StatusError(500, parts.join(": ") || "something that is no error was thrown", { cause: error });
}
