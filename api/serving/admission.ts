import type { Budget, Holding } from "./budget.ts";
import { StatusError } from "./status-error.ts";

export interface AdmissionOptions {
  /** The bytes that they share with what else waits; it keeps as many as all of them reserve. */
  readonly budget: Budget;
  /** Where it is, for refusals: "this node". */
  readonly place: string;
  /** How many connections there may be at once. */
  readonly all: number;
  /** How many an instance may have. */
  readonly instance: number;
  /** How many a user may have. */
  readonly user: number;
  /** What a connection holds of the budget for as long as it lasts: all that may wait on its way, both ways. */
  readonly reserve: number;
}

/** Who wants to connect, and to what. */
export interface Newcomer {
  readonly namespace: string;
  readonly name: string;
  /** Empty when nobody has said. */
  readonly user: string;
  /** What the connection is for. */
  readonly kind: string;
  /** Ends the connection with a reason for its client; what it holds is gone when this returns. */
  readonly end: (reason: string, cause: EndCause) => void;
}

/** Why a connection ends for the sake of another: there is no room for both, or only one of them is to have what it is for. */
export type EndCause = "no-room" | "taken-over";

/** A connection that was let in. */
export interface Entry {
  /** Its part of the budget. */
  readonly holding: Holding;
  /** Ends all others of its kind to its instance. */
  endOthers(reason: string): void;
  /** The connection has ended. May be called again. */
  leave(): void;
}

/** All refusals have one code: whoever gets it may come again, and need not look at the words. */
const refusal = (message: string): StatusError => new StatusError(429, message);

/** What is counted, in the words of refusals. */
const what = "connections (consoles, screens, ports, logs)";

/**
 * Decides who may connect: so many of a user, of an instance, and in all. Where all places are taken, a newcomer gets one
 * at the expense of the namespace that has most: the newest connection of it ends. So nobody is kept out by others'
 * number, be they as many users as they like.
 */
export class Admission {
  readonly #options: AdmissionOptions;
  /** In the order in which they came. */
  readonly #present = new Map<Newcomer, Entry>();

  constructor(options: AdmissionOptions) {
    const { all, reserve, budget } = options;
    const needed = all * reserve;
    if (needed > budget.kept)
      throw new RangeError(`${all} connections need ${needed} bytes, and ${budget.kept} are kept`);
    this.#options = options;
  }

  /** How many there are. */
  get size(): number {
    return this.#present.size;
  }

  /** How many connections of a kind an instance has. */
  of({ namespace, name, kind }: Pick<Newcomer, "namespace" | "name" | "kind">): number {
    return this.#count((one) => one.kind === kind && one.namespace === namespace && one.name === name);
  }

  /** Lets a connection in. Throws a `StatusError` of code 429 that names the limit and its value. */
  enter(newcomer: Newcomer): Entry {
    const { budget, place, all, instance, user, reserve } = this.#options;
    const { namespace, name } = newcomer;
    if (newcomer.user !== "" && this.#count((one) => one.user === newcomer.user) >= user) {
      throw refusal(`user "${newcomer.user}" has ${user} ${what} at ${place}, the most that a user may have`);
    }
    if (this.#count((one) => one.namespace === namespace && one.name === name) >= instance) {
      throw refusal(`"${name}" has ${instance} ${what} at ${place}, the most that an instance may have`);
    }
    if (this.#present.size >= all && !this.#makeRoom(namespace)) {
      throw refusal(`${place} has ${all} ${what}, the most that it may have; try again later`);
    }
    const holding = budget.holding();
    holding.reserve(reserve);
    const entry: Entry = {
      holding,
      endOthers: (reason) => this.#endOthers(newcomer, reason),
      leave: () => {
        holding.release();
        this.#present.delete(newcomer);
      },
    };
    this.#present.set(newcomer, entry);
    return entry;
  }

  #count(counts: (one: Newcomer) => boolean): number {
    let number = 0;
    for (const one of this.#present.keys()) if (counts(one)) number += 1;
    return number;
  }

  /** Ends all connections of the same kind to the same instance but one. */
  #endOthers(one: Newcomer, reason: string): void {
    for (const [other, entry] of this.#present) {
      const isAlike = other.kind === one.kind && other.namespace === one.namespace && other.name === one.name;
      if (other === one || !isAlike) continue;
      entry.leave();
      other.end(reason, "taken-over");
    }
  }

  /** Ends the newest connection of the namespace that has most, if the newcomer's has fewer; returns whether. */
  #makeRoom(forNamespace: string): boolean {
    const numbers = new Map<string, number>();
    for (const { namespace } of this.#present.keys()) numbers.set(namespace, (numbers.get(namespace) ?? 0) + 1);
    const [most, number = 0] = [...numbers].toSorted(([, a], [, b]) => b - a)[0] ?? [];
    // With the newcomer its namespace must still not have more than the one that gives way.
    if (most === undefined || number <= (numbers.get(forNamespace) ?? 0) + 1) return false;
    const last = [...this.#present.keys()].findLast(({ namespace }) => namespace === most);
    if (!last) return false;
    this.#present.get(last)?.leave();
    last.end(
      `${this.#options.place} has no room for more connections, and namespace "${most}" has most of them`,
      "no-room",
    );
    return true;
  }
}
