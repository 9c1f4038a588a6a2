import type { OperationName } from "../../api/contract/daemon-request.ts";
import type { SerialHub } from "../relay/serial-hub.ts";

/** The facts about an instance that its sessions need. Each `find` makes a new one; do not keep it. */
export interface Instance {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** `status.phase` of the instance on this node, which may be ahead of the API server's. */
  readonly phase: string;
  readonly paused: boolean;
  /** The serial ports in order; the first is the console. Empty when there is none. */
  readonly serialPorts: readonly SerialPort[];
  /** The path of QEMU's VNC socket; `undefined` without a graphics device. */
  readonly vncSocket: string | undefined;
  /**
   * The guest's address as seen from this node, once known; `undefined` when the guest is not on the pod network.
   * Throws a `StatusError` of code 503 when the address stays unknown.
   */
  readonly address: (signal: AbortSignal) => Promise<string | undefined>;
}

export interface SerialPort {
  /** The port's relay during the life of the domain; `undefined` before and after. */
  readonly hub: SerialHub | undefined;
  /** The path of its log, which may not exist; rotated files have a number suffix. `undefined` for no log. */
  readonly log: string | undefined;
  /** The path of the log of the same machine's previous instance; `undefined` when there cannot be one. */
  readonly previousLog: string | undefined;
}

/** The instances of this node. */
export interface Instances {
  /** The instance of a name; `undefined` when this node does not have it. */
  find(namespace: string, name: string): Instance | undefined;
  /** The serial ports of an instance, also after its end; `undefined` when this node does not have the instance. */
  serialPorts(namespace: string, name: string): readonly SerialPort[] | undefined;
}

/**
 * The operations that users request. Each resolves when it is done. Throws a `StatusError` of code 409 when the state
 * of the instance does not allow it (paused already, not running, gone meanwhile).
 */
export type Operations = Readonly<
  Record<OperationName, (instance: Instance, signal: AbortSignal, options?: OperationOptions) => Promise<void>>
>;

/** Options of an operation. */
export interface OperationOptions {
  /** For `freeze`: milliseconds after which the guest thaws automatically. */
  readonly thawAfter?: number;
}

export interface ScreenshotOptions {
  readonly moveCursor: boolean;
  readonly hold: (bytes: number) => void;
  readonly signal: AbortSignal;
}

/** Screenshots of instances. */
export interface Screenshots {
  /**
   * Takes a PNG of the current screen; `moveCursor` wakes a blanked screen first. Calls `hold` before it takes memory;
   * `hold` throws when there is none left. Throws when the domain is gone.
   */
  take(instance: Instance, options: ScreenshotOptions): Promise<Uint8Array>;
}

/** Checks the daemon: resolves when it works, rejects with the problem. */
export type HealthCheck = () => Promise<void>;

/** The server's access to the daemon's core. */
export interface ServerBackend {
  readonly instances: Instances;
  readonly operations: Operations;
  readonly screenshots: Screenshots;
  /** For `/healthz`: resolves when the process needs no restart. */
  readonly healthy: HealthCheck;
  /** For `/readyz`: resolves when libvirt and the API server are reachable. */
  readonly ready: HealthCheck;
}
