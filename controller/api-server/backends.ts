import type { VirtualMachine } from "../../api/resources.ts";
import type { SlimInstance } from "../cache/slim-instance.ts";
import type { SlimMachine } from "../cache/slim-machine.ts";
import type { MachineChange } from "./machine-change.ts";
import type { User } from "./user.ts";

/** The name of an object. */
export interface ObjectName {
  readonly namespace: string;
  readonly name: string;
}

/** Looks objects up. */
export interface Objects {
  /** The machine; `undefined` when it does not exist. `live` asks the API server instead of the cache. */
  machine(object: ObjectName, live: boolean): Promise<SlimMachine | undefined>;
  /** The instance; `undefined` when it does not exist. `live` asks the API server instead of the cache. */
  instance(object: ObjectName, live: boolean): Promise<SlimInstance | undefined>;
  /** Calls `use` with the whole machine, or `undefined` if it does not exist. `use` must not keep the machine. */
  wholeMachine<R>(object: ObjectName, live: boolean, use: (machine: VirtualMachine | undefined) => R): Promise<R>;
}

/** Writes changes of machines. */
export interface Machines {
  /** Throws ApiError when the machine has changed meanwhile, or does not exist. */
  change(object: ObjectName, change: MachineChange, dryRun: boolean): Promise<void>;
}

/** Finds the node daemons. */
export interface Daemons {
  /** The daemon of a node; `undefined` when none runs there. */
  find(node: string): DaemonPlace | undefined;
}

/** A daemon's address and its identity. */
export interface DaemonPlace {
  /** An IP address. */
  readonly address: string;
  /** The DNS name that its certificate must have. */
  readonly serverName: string;
}

/** Checks users' rights. */
export interface Authorizer {
  /** Resolves to the reason for a refusal; `undefined` if the access is allowed. Throws if the check fails. */
  refusal(user: User, access: Access): Promise<string | undefined>;
}

/** The access that a user wants. */
export interface Access {
  readonly verb: string;
  readonly version: string;
  readonly namespace: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly name?: string;
}
