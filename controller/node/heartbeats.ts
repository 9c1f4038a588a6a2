import { beatOf, isSchedulable } from "../../api/contract/node-heartbeat.ts";
import type { Reflector } from "../../api/kube/controller/reflector.ts";
import type { Node } from "../../api/kube/resources/core-resources.ts";

/** The last sign of life of a node's daemon. */
interface Heard {
  readonly sign: string;
  /** Milliseconds of our own clock. */
  readonly at: number;
}

/**
 * How long each node's heartbeat has not changed, by our own clock. The time in the heartbeat does not matter: it is
 * from the daemon's clock.
 */
export class Heartbeats {
  readonly #nodes: Pick<Reflector<Node>, "store" | "inTouchSince">;
  readonly #now: () => number;
  readonly #heard = new Map<string, Heard>();

  constructor(nodes: Pick<Reflector<Node>, "store" | "inTouchSince">, now: () => number = () => performance.now()) {
    this.#nodes = nodes;
    this.#now = now;
    nodes.store.subscribe(({ key, current }) => {
      if (current === undefined) this.#heard.delete(key);
      else if (this.#heard.get(key)?.sign !== signOf(current)) this.#hear(key, current);
    });
  }

  /**
   * Milliseconds for which a node's daemon was silent while our watch worked; `undefined` while the watch does not
   * work, or for an unknown node.
   */
  silenceOf(name: string): number | undefined {
    const { inTouchSince } = this.#nodes;
    const heard = this.#heard.get(name);
    return inTouchSince === undefined || !heard ? undefined : this.#now() - Math.max(inTouchSince, heard.at);
  }

  /** Records another sign of life of a node's daemon. */
  heard(node: Node): void {
    this.#hear(node.metadata?.name ?? "", node);
  }

  #hear(name: string, node: Node): void {
    this.#heard.set(name, { sign: signOf(node), at: this.#now() });
  }
}

/** The data that changes with each heartbeat. A daemon of the release before writes only the label. */
function signOf(node: Node): string {
  return `${beatOf(node)} ${isSchedulable(node)}`;
}
