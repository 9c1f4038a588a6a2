import type { SerialHub } from "../relay/serial-hub.ts";

/** An instance as far as its sessions need to know it. Made anew by each `find`, and not kept. */
export interface Instance {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** `status.phase` of the VMI as this node knows it, which may be ahead of the API. */
  readonly phase: string;
  readonly paused: boolean;
  /** Its serial ports in order; the first is the console. Empty when it has none. */
  readonly serialPorts: readonly SerialPort[];
  /** Path of QEMU's VNC socket; `undefined` when it has no graphics device. */
  readonly vncSocket: string | undefined;
  /**
   * The address of the guest as this node reaches it, once it is known; `undefined` when it is not on the pods' network.
   * Throws a `StatusError` of code 503 when it does not become known.
   */
  readonly address: (signal: AbortSignal) => Promise<string | undefined>;
}

export interface SerialPort {
  /** What relays it, from the start of the domain to its end; `undefined` before and after. */
  readonly hub: SerialHub | undefined;
  /** Path of its log; rotated ones are beside it with a number behind. Nothing needs to be there. `undefined` when none is kept. */
  readonly log: string | undefined;
  /** Path of the log of the instance of the same machine before this one; `undefined` when it can have none. */
  readonly previousLog: string | undefined;
}

/** The instances of this node. */
export interface Instances {
  /** The instance of a name; `undefined` when this node has none, or has it no more. */
  find(namespace: string, name: string): Instance | undefined;
  /** The serial ports of the instance of a name, also of one that has ended; `undefined` when this node has none. */
  serialPorts(namespace: string, name: string): readonly SerialPort[] | undefined;
}

export type OperationName = "pause" | "unpause" | "softreboot" | "reset" | "freeze" | "unfreeze";

/**
 * What is done to an instance on request. Each resolves when it is done, and throws a `StatusError` of code 409 when the
 * state of the instance does not allow it (paused already, not running, gone meanwhile).
 */
export type Operations = Readonly<
  Record<OperationName, (instance: Instance, signal: AbortSignal, options?: OperationOptions) => Promise<void>>
>;

/** How an operation is done. */
export interface OperationOptions {
  /** Of `freeze`: milliseconds after which the guest thaws by itself. */
  readonly thawAfter?: number;
}

export interface ScreenshotOptions {
  readonly moveCursor: boolean;
  readonly hold: (bytes: number) => void;
  readonly signal: AbortSignal;
}

/** Pictures of screens. */
export interface Screenshots {
  /**
   * A PNG of the screen now; `moveCursor` wakes a blanked one first. `hold` is told of all memory before it is taken, and
   * throws when there is none left. Throws when the domain is gone.
   */
  take(instance: Instance, options: ScreenshotOptions): Promise<Uint8Array>;
}

/** Whether the daemon works: resolves when it does, throws with what is wrong. */
export type HealthCheck = () => Promise<void>;

/** What the server stands on; the daemon's core gives it. */
export interface ServerBackend {
  readonly instances: Instances;
  readonly operations: Operations;
  readonly screenshots: Screenshots;
  /** For `/healthz`: whether the process should be left alone. */
  readonly healthy: HealthCheck;
  /** For `/readyz`: whether libvirt and the API server are reached. */
  readonly ready: HealthCheck;
}
