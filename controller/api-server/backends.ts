import type { VirtualMachine } from "../../api/resources.ts";
import type { SlimInstance } from "../cache/slim-instance.ts";
import type { SlimMachine } from "../cache/slim-machine.ts";
import type { MachineChange } from "./machine-change.ts";
import type { User } from "./user.ts";

/** Names an object. */
export interface ObjectName {
  readonly namespace: string;
  readonly name: string;
}

/** Where objects are looked up. */
export interface Objects {
  /** `undefined` when it is not there. `live` asks the API server instead of what is known here. */
  machine(object: ObjectName, live: boolean): Promise<SlimMachine | undefined>;
  /** `undefined` when it is not there. `live` asks the API server instead of what is known here. */
  instance(object: ObjectName, live: boolean): Promise<SlimInstance | undefined>;
  /** Has something made of a whole machine, which must not hold on to it, or of `undefined` when it is not there. */
  wholeMachine<R>(object: ObjectName, live: boolean, use: (machine: VirtualMachine | undefined) => R): Promise<R>;
}

/** Where changes are written. */
export interface Machines {
  /** Throws ApiError when the machine has changed meanwhile, or is gone. */
  change(object: ObjectName, change: MachineChange, dryRun: boolean): Promise<void>;
}

/** Where the node daemons are. */
export interface Daemons {
  /** The daemon of a node; `undefined` when none runs there. */
  find(node: string): DaemonPlace | undefined;
}

/** Where a daemon is, and who it has to be. */
export interface DaemonPlace {
  /** An IP address. */
  readonly address: string;
  /** The DNS name that its certificate must be made out to. */
  readonly serverName: string;
}

/** What a user may do. */
export interface Authorizer {
  /** Resolves to why not, or `undefined` when it is allowed. Throws when nobody could be asked. */
  refusal(user: User, access: Access): Promise<string | undefined>;
}

/** What somebody wants to do. */
export interface Access {
  readonly verb: string;
  readonly version: string;
  readonly namespace: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly name?: string;
}
