import { Budget } from "../../api/serving/budget.ts";

const KiB = 1024;
const MiB = 1024 * KiB;

/**
 * Limits for this node's clients. With all limits reached, the memory must fit into the limit of the daemon's pod, next
 * to the rest of the daemon. A test checks the sum.
 */
export const defaultLimits = {
  /** WebSockets, logs and screenshots open at the same time. */
  connections: 256,
  /** Of these, the connections of one instance. */
  connectionsOfInstance: 80,
  /** Of these, the connections of one user, as named by the controller. */
  connectionsOfUser: 80,
  /**
   * Bytes that each connection has reserved while it lasts, for both directions: a message of `maxPayload` and the
   * overhead of its pieces; for a stream, the pieces of 64 KiB that are read, wait, and are encrypted.
   */
  connectionBytes: 512 * KiB,
  /** Bytes on loan besides these: for consoles (replays, output, input), logs, datagrams, screenshots. */
  sharedBytes: 40 * MiB,
  /** Operations (pause, reset, …) in progress at the same time. */
  operations: 64,
  /** The longest message of a WebSocket. Stock clients send at most 32 KiB, ours 64 KiB. */
  maxPayload: 128 * KiB,
  /** Most pieces of one message. Go's TLS sends pieces of 1.4 KiB at first. */
  maxChunks: 256,
} as const;

/** The budget that results from the limits. */
export function budgetOf({ connections, connectionBytes, sharedBytes }: Limits): Budget {
  const kept = connections * connectionBytes;
  return new Budget({ bytes: kept + sharedBytes, kept });
}

export type Limits = { readonly [Name in keyof typeof defaultLimits]: number };
