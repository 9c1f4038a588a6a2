import { beatOf, isOffered } from "../../api/contract/node-heartbeat.ts";
import type { Reflector } from "../../api/kube/controller/reflector.ts";
import type { Node } from "../../api/kube/resources/core-resources.ts";

/** When a node's daemon was last heard of, and by what. */
interface Heard {
  readonly sign: string;
  /** Milliseconds of our own clock. */
  readonly at: number;
}

/**
 * Since when each node's heartbeat has not changed, by our own clock. What time the daemon has written is not looked at:
 * its clock is another one.
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
   * Milliseconds for which nothing was heard of a node's daemon while we would have heard it; `undefined` while we hear of
   * no node, and nobody can tell.
   */
  silenceOf(name: string): number | undefined {
    const { inTouchSince } = this.#nodes;
    const heard = this.#heard.get(name);
    return inTouchSince === undefined || !heard ? undefined : this.#now() - Math.max(inTouchSince, heard.at);
  }

  /** Another sign than its heartbeat tells that a node's daemon is there. */
  heard(node: Node): void {
    this.#hear(node.metadata?.name ?? "", node);
  }

  #hear(name: string, node: Node): void {
    this.#heard.set(name, { sign: signOf(node), at: this.#now() });
  }
}

/** What is different with each beat. A daemon of the release before writes the label only. */
function signOf(node: Node): string {
  return `${beatOf(node)} ${isOffered(node)}`;
}
