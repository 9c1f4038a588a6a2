/** The node's clock, and no timers: a test would have to wait for those. */
export interface Clock {
  /** The time of day, only for output: it can be set, and it differs from the API server's clock. */
  now(): Date;
  /** Milliseconds since the node booted, for all waits: nobody can set it, and it survives the daemon's restart. */
  sinceBoot(): number;
  /** An ID that differs for each boot of the node. */
  readonly boot: string;
}
