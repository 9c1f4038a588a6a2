import type { Consoles } from "../drivers/consoles.ts";
import { consoleKey } from "../instance/console-key.ts";
import type { InstanceIdentity } from "../instance/identity.ts";
import type { InstancePaths } from "../instance/paths.ts";
import type { Consoles as Relay } from "../relay/consoles.ts";

/** Milliseconds that QEMU has to answer on a socket that it has already opened. */
const patience = 2000;

/** The serial consoles, backed by the relay. */
export class RelayConsoles implements Consoles {
  readonly #relay: Relay;

  constructor(relay: Relay) {
    this.#relay = relay;
  }

  async attach(
    { uid }: InstanceIdentity,
    { serialSocket, consoleLog }: InstancePaths,
    { log }: { log: boolean },
  ): Promise<void> {
    const port = { socket: serialSocket, logPath: log ? consoleLog : undefined };
    const hub = await this.#relay.open(consoleKey(uid), port);
    // The relay must not miss the guest's first output. But a machine matters more than its console.
    await hub.whenConnected(AbortSignal.timeout(patience)).catch(() => {});
  }

  async detach({ uid }: InstanceIdentity, reason: string): Promise<void> {
    await this.#relay.end(consoleKey(uid), reason);
  }
}
