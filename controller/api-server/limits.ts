import { Budget } from "../../api/serving/budget.ts";

const KiB = 1024;
const MiB = 1024 * KiB;

/**
 * What clients may take of one replica. All at their most must fit into the memory limit of the controller's pod beside
 * the rest of it, which a test adds up.
 */
export const defaultLimits = {
  /** Websockets, logs and screenshots at once. */
  connections: 320,
  /** Of them, those of one instance. */
  connectionsOfInstance: 100,
  /** Of them, those of one user. */
  connectionsOfUser: 100,
  /**
   * What each has for sure, in bytes, for as long as it lasts: what is read, waits, and is encrypted, both ways. With
   * both ends flooding and none reading it is half of this.
   */
  connectionBytes: 384 * KiB,
  /** Bytes that are lent beside these: to bodies of requests. */
  sharedBytes: 56 * MiB,
  /** Connections at once of clients that have shown no certificate that we trust. */
  strangers: 32,
  /** Bytes of a request's headers: the API server names each group of the user in one, and some are in hundreds. */
  headerBytes: 1 * MiB,
} as const;

/** The budget that limits amount to. */
export function budgetOf({ connections, connectionBytes, sharedBytes }: Limits): Budget {
  const kept = connections * connectionBytes;
  return new Budget({ bytes: kept + sharedBytes, kept });
}

export type Limits = { readonly [Name in keyof typeof defaultLimits]: number };
