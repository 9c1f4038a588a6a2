import { beatEvery, type UnschedulableReason, unschedulableReasons } from "../../api/contract/node-heartbeat.ts";
import type { Log } from "../../api/kube/log.ts";
import { sleep } from "../../api/kube/sleep.ts";

/** The node's object in the API server. */
export interface NodeApi {
  /** Whether the node takes machines, according to the last heartbeat. */
  isOffered(signal: AbortSignal): Promise<boolean>;
  /** Reports that the daemon is alive, and why the node can take no machine, if it cannot. */
  beat(unfit: UnschedulableReason | undefined, signal: AbortSignal): Promise<void>;
  /** Reports that the daemon has ended in an orderly way. */
  farewell(signal: AbortSignal): Promise<void>;
}

export interface NodeHeartbeatOptions {
  readonly api: NodeApi;
  /** Why the node can take no machine now; called every second. */
  readonly unfit: () => UnschedulableReason | undefined;
  readonly log: Log;
  /** Milliseconds between beats. */
  readonly every?: number;
  /** Milliseconds without a problem, after one, before the node takes machines again. */
  readonly settling?: number;
  /** Milliseconds between checks. */
  readonly lookEvery?: number;
  readonly now?: () => number;
}

/** Milliseconds that the API server has for a beat. After that, the next beat is worth more than a late one. */
const patience = 10_000;

/** Milliseconds between attempts after a beat that could not be written. */
const retryEvery = 5000;

/**
 * Reports each minute that this node's daemon is alive, and whether the node can take machines. Reports a change to
 * "no" at once. Reports "yes" again only after some time without a problem: a flapping libvirt or daemon must not
 * collect machines that do not start, or cause many writes.
 */
export class NodeHeartbeat {
  readonly #options: Required<NodeHeartbeatOptions>;
  /** The last report; `null` means that the node takes machines, `undefined` that nothing is known. */
  #told: UnschedulableReason | null | undefined;
  /** The last problem, until the node has been well for long enough. */
  #recovering: UnschedulableReason | undefined;
  #wellSince: number | undefined;
  #due = 0;
  #failure: unknown;

  constructor(options: NodeHeartbeatOptions) {
    const defaults = { every: beatEvery, settling: 20_000, lookEvery: 1000, now: () => performance.now() };
    this.#options = { ...defaults, ...options };
  }

  /** Why the last beat could not be written; `undefined` when it was. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Whether the last report matches the current state. */
  get isTold(): boolean {
    return this.#told !== undefined && this.#told === this.#wanted();
  }

  /** Beats until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { lookEvery } = this.#options;
    while (!signal.aborted) {
      await this.look(signal);
      await sleep(lookEvery, signal).catch(() => {});
    }
  }

  /** Beats if a beat is due or the state has changed. */
  async look(signal: AbortSignal): Promise<void> {
    const { api, now, every, log } = this.#options;
    if (this.#failure !== undefined && now() < this.#due) return;
    try {
      if (this.#told === undefined) await this.#begin(signal);
      const wanted = this.#wanted();
      // "Starting" is only worth a report if a killed daemon has left the node open for machines.
      const isNews = wanted !== this.#told && !(wanted === unschedulableReasons.starting && this.#told !== null);
      if (!isNews && now() < this.#due) return;
      await api.beat(wanted ?? undefined, limited(signal));
      if (isNews) log(wanted === null ? "info" : "warn", "node's fitness for machines told", { unfit: wanted });
      this.#told = wanted;
      this.#failure = undefined;
      this.#due = now() + every * (0.9 + Math.random() * 0.2);
    } catch (error) {
      if (signal.aborted) return;
      if (this.#failure === undefined) log("warn", "heartbeat not written", { error });
      this.#failure = error;
      this.#due = now() + retryEvery;
    }
  }

  /** If the node is still open for machines, the previous daemon did not end in an orderly way. */
  async #begin(signal: AbortSignal): Promise<void> {
    const { api, now, every } = this.#options;
    const isOffered = await api.isOffered(limited(signal));
    this.#told = isOffered ? null : unschedulableReasons.ended;
    if (isOffered) this.#recovering = unschedulableReasons.crashed;
    this.#due = now() + every;
  }

  /** Why the node must get no machine; `null` when there has been no problem for long enough. */
  #wanted(): UnschedulableReason | null {
    const { unfit, now, settling } = this.#options;
    const found = unfit();
    if (found !== undefined) {
      this.#wellSince = undefined;
      if (found !== unschedulableReasons.starting) this.#recovering = found;
      return found;
    }
    this.#wellSince ??= now();
    if (now() - this.#wellSince >= settling) this.#recovering = undefined;
    return this.#recovering ?? null;
  }
}

function limited(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(patience)]);
}
