import type { UserRange } from "../../instance/machine-user-range.ts";
import { run } from "../command.ts";

const table = "inet kubectl_virt";

/** Milliseconds for which a look counts. Starts in a burst share it: a look is a program, and as costly as a tap device. */
const countsFor = 1000;

/** Keeps the machines' users off the node's network. QEMU's frames go through taps; its sockets are Unix sockets. */
export class NodeFirewall {
  readonly #rules: string;
  /** The rules as this version of nft lists them. The output of nft differs between versions. */
  #listed: string | undefined;
  #work: Promise<boolean> | undefined;
  /** The end of the last look, by `performance.now()`. */
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(users: UserRange) {
    this.#rules = rulesFor(users);
  }

  /** Adds the rules if they are missing; returns whether they were. Throws when the node's kernel lacks nf_tables. */
  async close(): Promise<boolean> {
    if (performance.now() - this.#lookedAt < countsFor) return false;
    this.#work ??= this.#close().finally(() => {
      this.#work = undefined;
    });
    return this.#work;
  }

  async #close(): Promise<boolean> {
    const before = await list().catch(() => undefined);
    // Listing the rules takes a fifth of the time that setting them takes.
    if (this.#listed === undefined || before !== this.#listed) {
      try {
        await onNodesNetwork([this.#rules]);
        this.#listed = await list();
      } catch (cause) {
        throw new Error("QEMU cannot be kept off the node's network: nf_tables is needed in its kernel", { cause });
      }
    }
    this.#lookedAt = performance.now();
    return before !== this.#listed;
  }
}

/**
 * A packet belongs to the user who created its socket, also when the packet goes to the node itself. So nobody who
 * connects to QEMU gets an answer either. nft replaces the whole table in one transaction.
 */
export function rulesFor({ first, last }: UserRange): string {
  return `table ${table}
delete table ${table}
table ${table} {
  chain machines {
    type filter hook output priority raw; policy accept;
    meta skuid ${first}-${last} drop
  }
}`;
}

async function list(): Promise<string> {
  return onNodesNetwork(["--stateless", "list", "table", ...table.split(" ")]);
}

async function onNodesNetwork(args: readonly string[]): Promise<string> {
  return run(["nsenter", "--target", "1", "--net", "--", "nft", ...args]);
}
