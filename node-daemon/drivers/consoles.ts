import type { InstanceIdentity } from "../instance/identity.ts";
import type { InstancePaths } from "../instance/paths.ts";

/** The readers of the serial consoles. */
export interface Consoles {
  /**
   * Connects to a domain's open console, and writes its log if requested. Does nothing when it is connected already.
   */
  attach(identity: InstanceIdentity, paths: InstancePaths, options: { log: boolean }): Promise<void>;
  /** Disconnects from a console; the console's viewers get the reason. Does nothing when there is no connection. */
  detach(identity: InstanceIdentity, reason: string): Promise<void>;
}
