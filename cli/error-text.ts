import { ApiError, ConfigurationError, NetworkError, ProxyError } from "../api/kube/client/errors.ts";

/** Words an error as kubectl does. */
export function errorText(error: unknown): string {
  if (error instanceof ApiError) return apiErrorText(error);
  if (error instanceof NetworkError) return networkErrorText(error);
  if (error instanceof ConfigurationError) return `error: ${withCauses(error)}`;
  return `error: ${withCauses(error)}`;
}

function apiErrorText(error: ApiError): string {
  const { code, reason, message, status } = error;
  if (code === 401) return `error: You must be logged in to the server (${message})`;
  if (code === 404 && isUnserved(message)) {
    return "Error from server (NotFound): the server does not know this resource; is the add-on for virtual machines installed?";
  }
  if (reason === "Invalid" && status.details) return invalidText(error);
  return `Error from server${reason === "" ? ` (${reasonOf(code)})` : ` (${reason})`}: ${message}`;
}

/** Whether the server does not know the path itself; otherwise an object is missing. */
function isUnserved(message: string): boolean {
  return message.startsWith("404 page not found") || message === "the server could not find the requested resource";
}

function invalidText({ status, message }: ApiError): string {
  const { kind = "object", name = "", causes = [] } = status.details ?? {};
  const head = `The ${kind} "${name}" is invalid`;
  const lines = causes.map((cause) => [cause.field, cause.message].filter(Boolean).join(": "));
  if (lines.length === 0) return `${head}: ${message}`;
  return lines.length === 1 ? `${head}: ${lines[0]}` : [`${head}: `, ...lines.map((line) => `* ${line}`)].join("\n");
}

/** Returns a reason for a refusal without one, as from a server that is not Kubernetes' own. */
function reasonOf(code: number): string {
  const reasons: Readonly<Record<number, string>> = {
    400: "BadRequest",
    403: "Forbidden",
    409: "Conflict",
    429: "TooManyRequests",
    500: "InternalError",
    503: "ServiceUnavailable",
    504: "Timeout",
  };
  return reasons[code] ?? `HTTP ${code}`;
}

function networkErrorText(error: NetworkError): string {
  for (let cause: unknown = error.cause; cause instanceof Error; cause = cause.cause) {
    // The causes below are the proxy's, not the server's.
    if (cause instanceof ProxyError) break;
    if ("code" in cause && cause.code === "ECONNREFUSED" && "address" in cause && "port" in cause) {
      return `The connection to the server ${String(cause.address)}:${String(cause.port)} was refused - did you specify the right host or port?`;
    }
  }
  return `Unable to connect to the server: ${error.message}`;
}

/** Joins the messages of an error and its causes. */
export function withCauses(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : withCauses(error.cause);
  return cause === "" || error.message.includes(cause) ? error.message : `${error.message}: ${cause}`;
}
