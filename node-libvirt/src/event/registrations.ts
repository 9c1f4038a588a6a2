import type { DisconnectedError } from "../errors.ts";
import { eventProcedures } from "../protocol/event.ts";
import { Program } from "../protocol/procedure.ts";
import { qemuProcedures } from "../protocol/qemu.ts";
import type { DomainRef } from "../protocol/structs.ts";
import type { RpcConnection } from "../rpc/rpc-connection.ts";
import type { Shape } from "../wire/shape.ts";
import { XdrReader } from "../wire/xdr-reader.ts";

/** What somebody wants to hear of. */
export interface Registration {
  readonly program: number;
  /** The event's id, or for a monitor event its name (all of them if undefined) and flags. */
  readonly what: { id: number } | { event: string | undefined; flags: number };
  readonly dom: DomainRef | undefined;
  readonly body: Shape<never, unknown>;
  /** An event came. Must not throw. */
  deliver(event: unknown): void;
  /** No more will come. */
  ended(cause: Error): void;
}

/** Events that came for a registration whose id we have not been told yet, at most. */
const earlyLimit = 10_000;

/**
 * Who is registered for which events, on whichever connection there is.
 *
 * Messages are routed by the callback id in front of each. One may come before the reply that tells the id, so what
 * nobody is known to want is kept while a registration is under way.
 */
export class Registrations {
  readonly #all = new Set<Registration>();
  #byId = new Map<string, Registration>();
  #registering = 0;
  #early: { key: string; payload: Buffer }[] = [];

  /** Registers on `rpc`, and again on each later connection until {@link remove}. */
  async add(rpc: RpcConnection, registration: Registration): Promise<void> {
    this.#all.add(registration);
    try {
      await this.#register(rpc, registration);
    } catch (error) {
      this.#all.delete(registration);
      throw error;
    }
  }

  /** Hears no more; libvirt is told if there is a connection. */
  async remove(rpc: RpcConnection | undefined, registration: Registration): Promise<void> {
    this.#all.delete(registration);
    const entry = [...this.#byId].find(([, one]) => one === registration);
    if (!entry) return;
    const [key] = entry;
    this.#byId.delete(key);
    const callbackID = Number(key.slice(key.indexOf(":") + 1));
    const procedure =
      registration.program === Program.QEMU
        ? qemuProcedures.qemuConnectDomainMonitorEventDeregister
        : eventProcedures.connectDomainEventCallbackDeregisterAny;
    // A connection that is gone has forgotten the registration by itself.
    await rpc?.call(procedure, { callbackID }, { timeout: 10_000 }).catch(() => {});
  }

  /** Registers everything anew on a connection that replaces a lost one; what libvirt refuses is ended. */
  async restore(rpc: RpcConnection): Promise<void> {
    this.#forget();
    for (const registration of this.#all) {
      try {
        // One after the other: together they would exceed what libvirtd takes from one client.
        await this.#register(rpc, registration);
      } catch (error) {
        if (rpc.cause) throw rpc.cause;
        this.#all.delete(registration);
        registration.ended(
          error instanceof Error ? error : new Error("registering for events again", { cause: error }),
        );
      }
    }
  }

  /** The connection is gone; if `final`, nobody will hear any more. */
  lost(cause: DisconnectedError, final: boolean): void {
    this.#forget();
    if (!final) return;
    const all = [...this.#all];
    this.#all.clear();
    for (const registration of all) registration.ended(cause);
  }

  /** Routes a message. Throws a MalformedError when it makes no sense. */
  message(program: number, payload: Buffer): void {
    const key = `${program}:${new XdrReader(payload).int()}`;
    const registration = this.#byId.get(key);
    if (registration) deliver(registration, payload);
    else if (this.#registering > 0 && this.#early.length < earlyLimit) this.#early.push({ key, payload });
  }

  async #register(rpc: RpcConnection, registration: Registration): Promise<void> {
    const { program, what, dom } = registration;
    this.#registering++;
    try {
      const { callbackID } =
        "id" in what
          ? await rpc.call(eventProcedures.connectDomainEventCallbackRegisterAny, { eventID: what.id, dom })
          : await rpc.call(qemuProcedures.qemuConnectDomainMonitorEventRegister, { dom, ...what });
      const key = `${program}:${callbackID}`;
      this.#byId.set(key, registration);
      if (!this.#all.has(registration)) return await this.remove(rpc, registration);
      const early = this.#early.filter((message) => message.key === key);
      this.#early = this.#early.filter((message) => message.key !== key);
      for (const { payload } of early) deliver(registration, payload);
    } finally {
      if (--this.#registering === 0) this.#early = [];
    }
  }

  #forget(): void {
    this.#byId = new Map();
    this.#early = [];
  }
}

function deliver(registration: Registration, payload: Buffer): void {
  registration.deliver(registration.body.read(new XdrReader(payload, 4)));
}
