import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import type { Allocation } from "../../api/serving/budget.ts";
import { StatusError } from "../../api/serving/status-error.ts";
import type { Instance } from "./backend.ts";
import type { Metrics } from "./request-metrics.ts";
import type { WebSockets } from "./websockets.ts";

/** A WebSocket request, and all that is needed to serve it. */
export interface Session {
  readonly instance: Instance;
  /** The user of the request; empty when not known. */
  readonly user: string;
  readonly websockets: WebSockets;
  readonly metrics: Metrics;
  /** Its part of the budget for slow peers' data. */
  readonly holding: Allocation;
  /** Whether the instance has no other session of this kind. */
  readonly alone: () => boolean;
  /** Ends all other sessions of this kind of the instance. */
  readonly endOthers: (reason: string) => void;
  /** Aborts when the client is gone, even if its request failed. */
  readonly gone: AbortSignal;
  /** Makes the WebSocket. Call it once, after all checks. Throws when the request is malformed. */
  readonly accept: (serve: (websocket: WebSocket) => void) => void;
}

export interface UpgradeRequest {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

/** Throws unless the instance is running. Clients that wait for a start retry only on code 400. */
export function requireRunning({ phase }: Instance): void {
  if (phase === "Failed") throw new StatusError(409, "VMI is in failed status");
  if (phase !== "Running") throw new StatusError(400, "VMI is not running");
}
