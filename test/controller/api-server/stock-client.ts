/** An answer on the wire. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** The ways in which the stock client reads answers. */
export type Reader =
  /** `Result.Raw`; the client prints its error. */
  | "raw"
  /** `Result.Into` or `Result.Error`, which read a Status. */
  | "decoded"
  /** The answer to a websocket's handshake. */
  | "websocket";

/** client-go's own words for an HTTP status (`errors.NewGenericServerResponse`); 403 and 500 include the server's. */
const words: Readonly<Record<number, string>> = {
  400: "the server rejected our request for an unknown reason",
  404: "the server could not find the requested resource",
  405: "the server does not allow this method on the requested resource",
  409: "the server reported a conflict",
  503: "the server is currently unable to handle the request",
};

/** Returns the text that virtctl shows for a refusal. Written after client-go 0.34 and KubeVirt's client-go 1.6. */
export function printed({ status, contentType, body }: Answer, reader: Reader): string {
  const isText = contentType.startsWith("text/");
  if (reader === "websocket") {
    // Older clients compare the whole content type.
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
