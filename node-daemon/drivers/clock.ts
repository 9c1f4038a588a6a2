/** The node's clock, and nothing else that a test would have to wait for. */
export interface Clock {
  /** The time of day, for what is told to others only: it can be set, and it is not the API server's. */
  now(): Date;
  /** Milliseconds since the node started. All waiting is measured by it: nobody sets it, and it is there after a restart. */
  sinceBoot(): number;
  /** What no two starts of the node have in common. */
  readonly boot: string;
}
