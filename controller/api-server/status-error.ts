/** `metav1.Status` as this server writes it. */
export interface StatusBody {
  kind: "Status";
  apiVersion: "v1";
  metadata: Record<string, never>;
  status: "Success" | "Failure";
  message: string;
  reason: string;
  details?: { name?: string; group?: string; kind?: string };
  code: number;
}

/** `metav1.StatusReason` of each HTTP status that is answered here. */
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
  500: "InternalError",
  501: "NotImplemented",
  503: "ServiceUnavailable",
  504: "Timeout",
};

/** A refusal: what the client is told, and with which HTTP status. */
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

  /** What goes over the wire. */
  body(): StatusBody {
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

/** The two kinds that have sub-resources, in the singular: so they are called in messages. */
export type Subject = "virtualmachine" | "virtualmachineinstance";

/** 404: the object is not there. */
export function notFound(subject: Subject, name: string): StatusError {
  return new StatusError(404, `${subject}.kubevirt.io "${name}" not found`, { details: detailsOf(subject, name) });
}

/** 409: the object's state does not allow it. The words before the reason are those of every Kubernetes API server. */
export function conflict(subject: Subject, name: string, reason: string): StatusError {
  return new StatusError(409, `Operation cannot be fulfilled on ${subject}.kubevirt.io "${name}": ${reason}`, {
    details: detailsOf(subject, name),
  });
}

/** 400: the request itself is wrong. */
export function badRequest(message: string): StatusError {
  return new StatusError(400, message);
}

function detailsOf(subject: Subject, name: string): StatusBody["details"] {
  return { name, group: "kubevirt.io", kind: subject };
}
