import { SerialHub, type SerialHubOptions } from "./serial-hub.ts";
import { Turns } from "./turns.ts";

/** The serial ports of all domains of this node, by a key that the owner chooses (the instance's uid and the port). */
export class Consoles {
  readonly #options: Omit<SerialHubOptions, "socket" | "logPath">;
  readonly #hubs = new Map<string, Promise<SerialHub>>();
  readonly #open = new Map<string, SerialHub>();

  /** `options` apply to every hub. */
  constructor(options: Omit<SerialHubOptions, "socket" | "logPath"> = {}) {
    this.#options = { turns: new Turns({ interval: 3 }), ...options };
  }

  /** The hub of a port; makes one if there is none. */
  async open(key: string, port: Pick<SerialHubOptions, "socket" | "logPath">): Promise<SerialHub> {
    const opening = this.#hubs.get(key) ?? SerialHub.open({ ...this.#options, ...port });
    this.#hubs.set(key, opening);
    try {
      const hub = await opening;
      if (this.#hubs.get(key) === opening) this.#open.set(key, hub);
      return hub;
    } catch (error) {
      this.#hubs.delete(key);
      throw error;
    }
  }

  /** The hub of a port; `undefined` when there is none. */
  find(key: string): SerialHub | undefined {
    return this.#open.get(key);
  }

  /** Ends the hub of a port after its domain is gone, and tells its clients why. Does nothing when there is none. */
  async end(key: string, reason: string): Promise<void> {
    const opening = this.#hubs.get(key);
    this.#hubs.delete(key);
    this.#open.delete(key);
    const hub = await opening;
    await hub?.end(reason);
  }

  /** Closes all ports when the daemon stops. The domains keep running. */
  async stop(reason: string): Promise<void> {
    const hubs = await Promise.all(this.#hubs.values());
    this.#hubs.clear();
    this.#open.clear();
    await Promise.all(hubs.map((hub) => hub.stop(reason)));
  }
}
