import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import type { Holding } from "../../api/serving/budget.ts";
import { StatusError } from "../../api/serving/status-error.ts";
import type { Instance } from "./backend.ts";
import type { Metrics } from "./request-metrics.ts";
import type { WebSockets } from "./websockets.ts";

/** A request that is to become a websocket, and what serves it. */
export interface Session {
  readonly instance: Instance;
  /** Whose it is; empty when nobody has said. */
  readonly user: string;
  readonly websockets: WebSockets;
  readonly metrics: Metrics;
  /** Its part of the bytes that may wait for slow peers. */
  readonly holding: Holding;
  /** Whether the instance has no other session of this kind. */
  readonly alone: () => boolean;
  /** Ends all other sessions of this kind that the instance has. */
  readonly endOthers: (reason: string) => void;
  /** Aborts when the client is gone, whatever became of its request. */
  readonly gone: AbortSignal;
  /** Makes the websocket; called once, when nothing is left to be refused. Throws when the request is malformed. */
  readonly accept: (serve: (websocket: WebSocket) => void) => void;
}

export interface UpgradeRequest {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

/** Refuses what only a running instance has. Clients that wait for a start try again on code 400 alone. */
export function requireRunning({ phase }: Instance): void {
  if (phase === "Failed") throw new StatusError(409, "VMI is in failed status");
  if (phase !== "Running") throw new StatusError(400, "VMI is not running");
}
