import { Budget } from "../../api/serving/budget.ts";

const KiB = 1024;
const MiB = 1024 * KiB;

/**
 * Limits for the clients of one replica. All limits together must fit into the memory limit of the controller's pod,
 * beside the rest of the program; a test adds them up.
 */
export const defaultLimits = {
  /** Websockets, logs and screenshots at once. */
  connections: 320,
  /** The most of these for one instance. */
  connectionsOfInstance: 100,
  /** The most of these for one user. */
  connectionsOfUser: 100,
  /**
   * Bytes reserved for each while it lasts: data that is read, waits, and is encrypted, in both directions. With both
   * ends flooding and neither reading, it needs half of this.
   */
  connectionBytes: 384 * KiB,
  /** Additional bytes that are lent: to bodies of requests. */
  sharedBytes: 56 * MiB,
  /** The most connections at once from clients without a certificate that we trust. */
  strangers: 32,
  /** Bytes of a request's headers: each group of the user is in one, and some users are in hundreds. */
  headerBytes: 1 * MiB,
} as const;

/** The budget for these limits. */
export function budgetOf({ connections, connectionBytes, sharedBytes }: Limits): Budget {
  const kept = connections * connectionBytes;
  return new Budget({ bytes: kept + sharedBytes, kept });
}

export type Limits = { readonly [Name in keyof typeof defaultLimits]: number };
