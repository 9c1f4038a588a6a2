import { type UnschedulableReason, unschedulableReasons } from "../../api/contract/node-heartbeat.ts";
import { apiErrorSentence, errorSentence } from "../../api/values/error-words.ts";
import type { LibvirtState } from "./libvirt-watch.ts";

/** The parts of the daemon whose state is its health. */
export interface Parts {
  readonly libvirt: { readonly state: LibvirtState; readonly failure: unknown };
  readonly heartbeat: { readonly failure: unknown; readonly isTold: boolean };
  readonly files: { readonly stuckFor: number };
  /** The daemon's core; `undefined` before the daemon has made it, which needs libvirt. */
  readonly core: () => Core | undefined;
}

/** The part of the core's state that counts for health. */
export interface Core {
  /** Whether the caches have the API server's objects of this node. */
  readonly isSynced: boolean;
  /** The error that keeps the watches from getting changes; `undefined` while there is none. */
  readonly trouble: unknown;
  /** Milliseconds for which instances have been waiting while no reconcile finishes. */
  readonly stuckFor: number;
}

/** Milliseconds of standstill after which the node gets no more machines. */
const standstill = 60_000;

/** Milliseconds of standstill after which only a restart helps. */
const longestStandstill = 600_000;

/** The daemon's health, for `/healthz`, `/readyz` and the node's heartbeat. */
export class Health {
  readonly #parts: Parts;

  constructor(organs: Parts) {
    this.#parts = organs;
  }

  /**
   * Throws for problems that only a restart solves: stuck threads or reconciles. Does not throw for problems of libvirt
   * or the API server: the daemon would find these again after a restart.
   */
  healthy(): void {
    const { libvirt, files } = this.#parts;
    if (files.stuckFor > longestStandstill) throw new Error("the threads for files do not come back");
    const isWaiting = libvirt.state !== "answers";
    if (!isWaiting && this.#reconcilesStuckFor > longestStandstill) throw new Error("no reconcile comes to an end");
  }

  /** Throws with the reason why the daemon cannot work now. A node without libvirt is fine: it has no work. */
  ready(): void {
    const { libvirt, heartbeat, core } = this.#parts;
    this.healthy();
    if (libvirt.state === "unknown") throw new Error("libvirt has not been asked yet");
    if (libvirt.state === "lost") throw new Error(`libvirt is out of reach: ${errorSentence(libvirt.failure)}`);
    const trouble = core()?.trouble ?? heartbeat.failure;
    if (trouble !== undefined) throw new Error(apiErrorSentence(trouble));
    if (!heartbeat.isTold) throw new Error("the API server has not been told of this node yet");
  }

  /** Why the node can take no machine now; undefined when it can. */
  unfit(): UnschedulableReason | undefined {
    const { libvirt, files, core } = this.#parts;
    if (libvirt.state === "absent") return unschedulableReasons.withoutLibvirt;
    if (libvirt.state === "lost") return unschedulableReasons.libvirtLost;
    if (libvirt.state === "unknown" || core()?.isSynced !== true) return unschedulableReasons.starting;
    return Math.max(files.stuckFor, this.#reconcilesStuckFor) > standstill ? unschedulableReasons.stuck : undefined;
  }

  get #reconcilesStuckFor(): number {
    return this.#parts.core()?.stuckFor ?? 0;
  }
}
