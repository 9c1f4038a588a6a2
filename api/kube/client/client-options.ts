import type { IncomingMessage } from "node:http";
import type { TransportOptions } from "./transport.ts";

export interface ClientOptions extends TransportOptions {
  /** The owner of fields that `apply` sets, and the manager of other writes. The user agent by default. */
  fieldManager?: string;
  /** Milliseconds for a request in all, with its waits and retries; 30 s by default. */
  timeLimit?: number;
  /** The most times that a retriable request is sent; 6 by default. */
  attempts?: number;
  /** Called for each request that was answered or failed; for metrics. */
  onRequest?: (request: FinishedRequest) => void;
  /** Called with the API server's warnings for its user: deprecations, fields that it dropped. */
  onWarning?: (text: string) => void;
}

/** The result of one request over the wire. */
export interface FinishedRequest {
  method: string;
  path: string;
  /** The HTTP status; 0 without an answer. */
  status: number;
  /** Milliseconds until the answer began. */
  duration: number;
}

export interface CallOptions {
  signal?: AbortSignal | undefined;
  /** Milliseconds; overrides the client's time limit. */
  timeLimit?: number;
}

export interface GetOptions extends CallOptions {
  /** Such as `status` or `scale`. */
  subresource?: string;
}

export interface WriteOptions extends GetOptions {
  /** The API server checks everything and stores nothing. */
  dryRun?: boolean;
  fieldManager?: string;
  /** What the server does with unknown fields: by default it drops them with a warning. */
  fieldValidation?: "Strict" | "Warn" | "Ignore";
}

export interface ListOptions extends CallOptions {
  /** Without it, all namespaces. */
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

/** An answer, not parsed. */
export interface RawAnswer {
  status: number;
  headers: IncomingMessage["headers"];
  body: Buffer;
}
