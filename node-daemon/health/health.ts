import { type Unfitness, unfitness } from "../../api/contract/node-heartbeat.ts";
import { apiTroubleWords, errorWords } from "../../api/values/error-words.ts";
import type { LibvirtState } from "./libvirt-watch.ts";

/** What is asked how it is. */
export interface Parts {
  readonly libvirt: { readonly state: LibvirtState; readonly failure: unknown };
  readonly heartbeat: { readonly failure: unknown; readonly isTold: boolean };
  readonly files: { readonly stuckFor: number };
  /** The daemon's core; `undefined` before it was made, for which libvirt is needed. */
  readonly core: () => Core | undefined;
}

/** What of the daemon's core is looked at. */
export interface Core {
  /** Whether it knows what the API server has for this node. */
  readonly isSynced: boolean;
  /** What keeps it from hearing of changes; `undefined` as long as nothing does. */
  readonly trouble: unknown;
  /** Milliseconds for which instances wait while no reconcile comes to an end. */
  readonly stuckFor: number;
}

/** Milliseconds of standstill after which no machine is placed here. */
const standstill = 60_000;

/** Milliseconds of standstill after which it counts as one that does not end by itself. */
const longestStandstill = 600_000;

/** How the daemon is, for `/healthz`, `/readyz` and the node's heartbeat. */
export class Health {
  readonly #organs: Parts;

  constructor(organs: Parts) {
    this.#organs = organs;
  }

  /**
   * Throws with what only a restart mends: threads or reconciles that stand still. Not with what libvirt or the API server
   * have brought about: a daemon that starts anew would find them just so.
   */
  healthy(): void {
    const { libvirt, files } = this.#organs;
    if (files.stuckFor > longestStandstill) throw new Error("the threads for files do not come back");
    const isWaiting = libvirt.state !== "answers";
    if (!isWaiting && this.#reconcilesStuckFor > longestStandstill) throw new Error("no reconcile comes to an end");
  }

  /**
   * Throws with why the daemon cannot do its work now. On a node that has no libvirt there is none: it is as it should be.
   */
  ready(): void {
    const { libvirt, heartbeat, core } = this.#organs;
    this.healthy();
    if (libvirt.state === "unknown") throw new Error("libvirt has not been asked yet");
    if (libvirt.state === "lost") throw new Error(`libvirt is out of reach: ${errorWords(libvirt.failure)}`);
    const trouble = core()?.trouble ?? heartbeat.failure;
    if (trouble !== undefined) throw new Error(apiTroubleWords(trouble));
    if (!heartbeat.isTold) throw new Error("the API server has not been told of this node yet");
  }

  /** Why no machine can be placed on the node now. */
  unfit(): Unfitness | undefined {
    const { libvirt, files, core } = this.#organs;
    if (libvirt.state === "absent") return unfitness.withoutLibvirt;
    if (libvirt.state === "lost") return unfitness.libvirtLost;
    if (libvirt.state === "unknown" || core()?.isSynced !== true) return unfitness.starting;
    return Math.max(files.stuckFor, this.#reconcilesStuckFor) > standstill ? unfitness.stuck : undefined;
  }

  get #reconcilesStuckFor(): number {
    return this.#organs.core()?.stuckFor ?? 0;
  }
}
