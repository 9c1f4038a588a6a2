import { Budget } from "../../api/serving/budget.ts";

const KiB = 1024;
const MiB = 1024 * KiB;

/**
 * What clients of this node may take of it. All at their most must fit into the memory limit of the daemon's pod beside
 * the rest of the daemon, which a test adds up.
 */
export const defaultLimits = {
  /** Websockets, logs and screenshots at once. */
  connections: 256,
  /** Of them, those of one instance. */
  connectionsOfInstance: 80,
  /** Of them, those of one user, as the controller names it. */
  connectionsOfUser: 80,
  /**
   * What each has for sure, in bytes, for as long as it lasts, both ways: a message of `maxPayload` and what its pieces
   * take beside their bytes; and of a stream the pieces of 64 KiB that are read, wait, and are encrypted.
   */
  connectionBytes: 512 * KiB,
  /** Bytes that are lent beside these: to consoles (replays, output, what is typed), logs, datagrams, screenshots. */
  sharedBytes: 40 * MiB,
  /** Operations (pause, reset, …) under way at once. */
  operations: 64,
  /** The longest message of a websocket; stock clients send at most 32 KiB, ours 64 KiB. */
  maxPayload: 128 * KiB,
  /** Pieces in which a message may come: Go's TLS sends pieces of 1.4 KiB at first. */
  maxChunks: 256,
} as const;

/** The budget that limits amount to. */
export function budgetOf({ connections, connectionBytes, sharedBytes }: Limits): Budget {
  const kept = connections * connectionBytes;
  return new Budget({ bytes: kept + sharedBytes, kept });
}

export type Limits = { readonly [Name in keyof typeof defaultLimits]: number };
