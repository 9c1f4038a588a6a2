import type { IncomingMessage } from "node:http";
import type { TransportOptions } from "./transport.ts";

export interface ClientOptions extends TransportOptions {
  /** Who owns the fields that `apply` sets, and who is named in `managedFields` else. The user agent by default. */
  fieldManager?: string;
  /** Milliseconds that a request may take in all, waits and repetitions included; 30 s by default. */
  timeLimit?: number;
  /** How often a request is sent at most, where it may be repeated; 6 by default. */
  attempts?: number;
  /** Told of each request that was answered or failed; for metrics. */
  onRequest?: (request: FinishedRequest) => void;
  /** Told what the API server wants its user to know: deprecations, fields that it dropped. */
  onWarning?: (text: string) => void;
}

/** What became of one request as it went over the wire. */
export interface FinishedRequest {
  method: string;
  path: string;
  /** The HTTP status; 0 when there was no answer. */
  status: number;
  /** Milliseconds until the answer began. */
  duration: number;
}

export interface CallOptions {
  signal?: AbortSignal | undefined;
  /** Milliseconds, instead of the client's. */
  timeLimit?: number;
}

export interface GetOptions extends CallOptions {
  /** As `status` or `scale`. */
  subresource?: string;
}

export interface WriteOptions extends GetOptions {
  /** Everything is checked, nothing is stored. */
  dryRun?: boolean;
  fieldManager?: string;
  /** What happens to fields that the server does not know: dropped with a warning by default. */
  fieldValidation?: "Strict" | "Warn" | "Ignore";
}

export interface ListOptions extends CallOptions {
  /** All namespaces when it is missing. */
  namespace?: string | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
  limit?: number;
  continue?: string;
  resourceVersion?: string;
  resourceVersionMatch?: "Exact" | "NotOlderThan";
}

export interface DeleteOptions extends CallOptions {
  gracePeriodSeconds?: number;
  propagationPolicy?: "Orphan" | "Background" | "Foreground";
  /** Deletes only the object with this uid or in this version. */
  preconditions?: { uid?: string; resourceVersion?: string };
  dryRun?: boolean;
}

export interface RawOptions extends CallOptions {
  headers?: Readonly<Record<string, string>>;
  body?: string | Buffer;
}

/** An answer as it came. */
export interface RawAnswer {
  status: number;
  headers: IncomingMessage["headers"];
  body: Buffer;
}
