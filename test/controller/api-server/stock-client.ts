/** An answer as it came over the wire. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** How the stock client reads what it asks for. */
export type Reader =
  /** `Result.Raw`, whose error it prints. */
  | "raw"
  /** `Result.Into` or `Result.Error`, which read a Status. */
  | "decoded"
  /** The answer to a websocket's handshake. */
  | "websocket";

/** client-go's own words for an HTTP status (`errors.NewGenericServerResponse`); the server's are in those of 403 and 500. */
const words: Readonly<Record<number, string>> = {
  400: "the server rejected our request for an unknown reason",
  404: "the server could not find the requested resource",
  405: "the server does not allow this method on the requested resource",
  409: "the server reported a conflict",
  503: "the server is currently unable to handle the request",
};

/** What people see who use KubeVirt's virtctl, of a refusal. Written after client-go 0.34 and KubeVirt's client-go 1.6. */
export function printed({ status, contentType, body }: Answer, reader: Reader): string {
  const isText = contentType.startsWith("text/");
  if (reader === "websocket") {
    // Its older clients compare the type as a whole.
    return contentType === "application/json"
      ? messageOf(body)
      : `Can't connect to websocket (${status}): bad handshake`;
  }
  if (reader === "decoded" && !isText) return messageOf(body);
  const said = isText ? body.trim() : "unknown";
  if (status === 403) return said;
  return words[status] ?? `an error on the server (${JSON.stringify(said)}) has prevented the request from succeeding`;
}

function messageOf(body: string): string {
  const status: { kind?: string; message?: string } = JSON.parse(body);
  return (status.kind === "Status" && status.message) || "unknown";
}
