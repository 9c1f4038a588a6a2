import { beatEvery, type Unfitness, unfitness } from "../../api/contract/node-heartbeat.ts";
import type { Log } from "../../api/kube/log.ts";
import { sleep } from "../../api/kube/sleep.ts";

/** The node's object in the API server. */
export interface NodeApi {
  /** Whether machines are placed on the node, as it was last said. */
  isOffered(signal: AbortSignal): Promise<boolean>;
  /** Says that the daemon is there, and why no machine can be placed on its node, if none can. */
  beat(unfit: Unfitness | undefined, signal: AbortSignal): Promise<void>;
  /** Says that the daemon has ended, in order. */
  farewell(signal: AbortSignal): Promise<void>;
}

export interface NodeHeartbeatOptions {
  readonly api: NodeApi;
  /** Why no machine can be placed on the node now; looked at each second. */
  readonly unfit: () => Unfitness | undefined;
  readonly log: Log;
  /** Milliseconds between beats. */
  readonly every?: number;
  /** Milliseconds that all has to have been well, after it was not, before machines are placed again. */
  readonly settling?: number;
  /** Milliseconds between looks. */
  readonly lookEvery?: number;
  readonly now?: () => number;
}

/** Milliseconds that the API server may take for a beat; a late one is worth less than the next. */
const patience = 10_000;

/** Milliseconds between attempts at a beat that could not be written. */
const retryEvery = 5000;

/**
 * Tells the cluster that this node's daemon is there, each minute, and whether machines can be placed on the node: at once
 * when that changes to no. Back to yes it takes a while of being well, so that neither a libvirt nor a daemon that comes and
 * goes collects machines which do not start, or costs many writes.
 */
export class NodeHeartbeat {
  readonly #options: Required<NodeHeartbeatOptions>;
  /** What was said last; `null` that machines are placed, `undefined` when nobody knows. */
  #told: Unfitness | null | undefined;
  /** What was wrong last, until it has been well for long enough. */
  #recovering: Unfitness | undefined;
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

  /** Whether the cluster has been told what is so now. */
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

  /** Beats if it is time, or if there is news. */
  async look(signal: AbortSignal): Promise<void> {
    const { api, now, every, log } = this.#options;
    if (this.#failure !== undefined && now() < this.#due) return;
    try {
      if (this.#told === undefined) await this.#begin(signal);
      const wanted = this.#wanted();
      // That it is starting is told only to take back what a daemon that was killed has left.
      const isNews = wanted !== this.#told && !(wanted === unfitness.starting && this.#told !== null);
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

  /** A node that is still offered had a daemon before this one that did not end in order. */
  async #begin(signal: AbortSignal): Promise<void> {
    const { api, now, every } = this.#options;
    const isOffered = await api.isOffered(limited(signal));
    this.#told = isOffered ? null : unfitness.ended;
    if (isOffered) this.#recovering = unfitness.crashed;
    this.#due = now() + every;
  }

  /** Why no machine is to be placed on the node; `null` when all is well, and has been for long enough. */
  #wanted(): Unfitness | null {
    const { unfit, now, settling } = this.#options;
    const found = unfit();
    if (found !== undefined) {
      this.#wellSince = undefined;
      if (found !== unfitness.starting) this.#recovering = found;
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
