import type { Allocation, Budget } from "./budget.ts";
import { StatusError } from "./status-error.ts";

export interface AdmissionOptions {
  /** The byte budget that the connections share with other waiting data; it keeps enough for all their reservations. */
  readonly budget: Budget;
  /** The name of the place for messages: "this node". */
  readonly place: string;
  /** The most connections in all at one time. */
  readonly all: number;
  /** The most connections of an instance. */
  readonly instance: number;
  /** The most connections of a user. */
  readonly user: number;
  /** Bytes of the budget that a connection reserves while it lasts, for waiting data in both directions. */
  readonly reserve: number;
}

/** A client that wants to connect, and its target. */
export interface ConnectionRequest {
  readonly namespace: string;
  readonly name: string;
  /** Empty when the user is unknown. */
  readonly user: string;
  /** The purpose of the connection. */
  readonly kind: string;
  /** Ends the connection with a reason for its client. When it returns, everything it held is released. */
  readonly end: (reason: string, cause: EndCause) => void;
}

/** Why one connection ends for another: there is no room for both, or only one may have the target. */
export type EndCause = "no-room" | "taken-over";

/** A connection that was admitted. */
export interface Entry {
  /** Its part of the budget. */
  readonly holding: Allocation;
  /** Ends all others of its kind to its instance. */
  endOthers(reason: string): void;
  /** Call it when the connection has ended. It may be called again. */
  leave(): void;
}

/** All refusals have one code: a client that gets it may try again, and need not read the message. */
const refusal = (message: string): StatusError => new StatusError(429, message);

/** The word for the counted connections in refusals. */
const what = "connections (consoles, screens, ports, logs)";

/**
 * Decides which clients may connect, with limits for each user, each instance, and in all. When all places are taken, a
 * newcomer gets a place from the namespace that has most connections: the newest connection of that namespace ends. So
 * clients of one namespace cannot keep others out, however many users they have.
 */
export class Admission {
  readonly #options: AdmissionOptions;
  /** In order of arrival. */
  readonly #present = new Map<ConnectionRequest, Entry>();

  constructor(options: AdmissionOptions) {
    const { all, reserve, budget } = options;
    const needed = all * reserve;
    if (needed > budget.kept)
      throw new RangeError(`${all} connections need ${needed} bytes, and ${budget.kept} are kept`);
    this.#options = options;
  }

  /** The number of connections. */
  get size(): number {
    return this.#present.size;
  }

  /** The number of connections of a kind to an instance. */
  of({ namespace, name, kind }: Pick<ConnectionRequest, "namespace" | "name" | "kind">): number {
    return this.#count((one) => one.kind === kind && one.namespace === namespace && one.name === name);
  }

  /** Admits a connection. Throws a `StatusError` of code 429 that names the limit and its value. */
  enter(newcomer: ConnectionRequest): Entry {
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

  #count(counts: (one: ConnectionRequest) => boolean): number {
    let number = 0;
    for (const one of this.#present.keys()) if (counts(one)) number += 1;
    return number;
  }

  /** Ends all connections of the same kind to the same instance but one. */
  #endOthers(one: ConnectionRequest, reason: string): void {
    for (const [other, entry] of this.#present) {
      const isAlike = other.kind === one.kind && other.namespace === one.namespace && other.name === one.name;
      if (other === one || !isAlike) continue;
      entry.leave();
      other.end(reason, "taken-over");
    }
  }

  /** Ends the newest connection of the namespace with most, if the newcomer's has fewer. Returns whether it did. */
  #makeRoom(forNamespace: string): boolean {
    const numbers = new Map<string, number>();
    for (const { namespace } of this.#present.keys()) numbers.set(namespace, (numbers.get(namespace) ?? 0) + 1);
    const [most, number = 0] = [...numbers].toSorted(([, a], [, b]) => b - a)[0] ?? [];
    // With the newcomer, its namespace must not have more connections than the other namespace keeps.
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
