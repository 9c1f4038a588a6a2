import type { InstanceIdentity } from "../instance/identity.ts";
import type { InstancePaths } from "../instance/paths.ts";

/** Who reads the serial consoles. */
export interface Consoles {
  /**
   * Takes the connection to a console that a domain has opened, and writes its log where one is wanted. Nothing happens
   * when it is taken already.
   */
  attach(identity: InstanceIdentity, paths: InstancePaths, options: { log: boolean }): Promise<void>;
  /** Lets go of it, with a reason for those who look on. Nothing happens when there is none. */
  detach(identity: InstanceIdentity, reason: string): Promise<void>;
}
