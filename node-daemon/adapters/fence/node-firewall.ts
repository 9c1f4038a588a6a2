import type { UserRange } from "../../instance/qemu-users.ts";
import { run } from "../command.ts";

const table = "inet kubectl_virt";

/** Keeps the users of machines off the network of the node. QEMU's frames go by taps, its sockets are unix ones. */
export class NodeFirewall {
  readonly #rules: string;
  /** How nft lists the rules when they are there; its versions differ. */
  #listed: string | undefined;
  #work: Promise<boolean> | undefined;

  constructor(users: UserRange) {
    this.#rules = rulesFor(users);
  }

  /** Sees to it that the rules are there. Returns whether they were not. Throws where the node's kernel has none. */
  async close(): Promise<boolean> {
    this.#work ??= this.#close().finally(() => {
      this.#work = undefined;
    });
    return this.#work;
  }

  async #close(): Promise<boolean> {
    // To list them takes a fifth of the time of setting them.
    if (this.#listed !== undefined && (await list().catch(() => undefined)) === this.#listed) return false;
    try {
      await onNodesNetwork([this.#rules]);
      this.#listed = await list();
    } catch (cause) {
      throw new Error("QEMU cannot be kept off the node's network: nf_tables is needed in its kernel", { cause });
    }
    return true;
  }
}

/**
 * What a process sends belongs to the user that made the socket, also to the node itself. Nobody who connects to it gets
 * an answer, either. The table is made anew as a whole, at once.
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
