import type { DisconnectedError } from "../errors.ts";
import { eventProcedures } from "../protocol/event.ts";
import { Program } from "../protocol/procedure.ts";
import { qemuProcedures } from "../protocol/qemu.ts";
import type { DomainRef } from "../protocol/structs.ts";
import type { RpcConnection } from "../rpc/rpc-connection.ts";
import type { Shape } from "../wire/shape.ts";
import { XdrReader } from "../wire/xdr-reader.ts";

/** What can be registered for. */
export interface EventSource {
  readonly program: number;
  /** The event's id, or for a monitor event its name (all of them if undefined) and flags. */
  readonly what: { id: number } | { event: string | undefined; flags: number };
  readonly dom: DomainRef | undefined;
  readonly body: Shape<never, unknown>;
}

/** Who hears of it. */
export interface Subscriber {
  /** An event came. Must not throw. */
  deliver(event: unknown): void;
  /** No more will come. */
  ended(cause: Error): void;
}

interface Registration {
  source: EventSource;
  subscribers: Set<Subscriber>;
}

/** Events that came for a registration whose id we have not been told yet, at most. */
const earlyLimit = 10_000;

const timeout = 60_000;

/**
 * Who is registered for which events, on whichever connection there is.
 *
 * libvirt registers a client for the same events once only, so subscribers of the same share a registration; and it
 * may serve calls of one client side by side, so registering and deregistering take turns. Messages are routed by the
 * callback id in front of each. One may come before the reply that tells the id, so what nobody is known to want is
 * kept while a registration is under way.
 */
export class Registrations {
  readonly #all = new Map<string, Registration>();
  readonly #byId = new Map<string, Registration>();
  #turn: Promise<unknown> = Promise.resolve();
  #registering = false;
  #early: { id: string; payload: Buffer }[] = [];

  /** Hears of events from now on, on `rpc` and each later connection, until {@link remove}. */
  add(rpc: RpcConnection, source: EventSource, subscriber: Subscriber): Promise<void> {
    const key = keyOf(source);
    return this.#inTurn(async () => {
      const shared = this.#all.get(key);
      if (shared) {
        shared.subscribers.add(subscriber);
        return;
      }
      const registration = { source, subscribers: new Set([subscriber]) };
      this.#all.set(key, registration);
      try {
        await this.#register(rpc, registration);
      } catch (error) {
        this.#all.delete(key);
        throw error;
      }
    });
  }

  /** Hears no more, at once; resolves when libvirt has been told, if there is a connection by then. */
  remove(current: () => RpcConnection | undefined, source: EventSource, subscriber: Subscriber): Promise<void> {
    const key = keyOf(source);
    this.#all.get(key)?.subscribers.delete(subscriber);
    return this.#inTurn(async () => {
      const registration = this.#all.get(key);
      if (!registration || registration.subscribers.size > 0) return;
      this.#all.delete(key);
      const [id] = [...this.#byId].find(([, one]) => one === registration) ?? [];
      if (id === undefined) return;
      this.#byId.delete(id);
      const procedure =
        source.program === Program.QEMU
          ? qemuProcedures.qemuConnectDomainMonitorEventDeregister
          : eventProcedures.connectDomainEventCallbackDeregisterAny;
      const callbackID = Number(id.slice(id.indexOf(":") + 1));
      // A connection that is gone has forgotten the registration by itself.
      await current()
        ?.call(procedure, { callbackID }, { timeout })
        .catch(() => {});
    });
  }

  /** Registers everything anew on a connection that replaces a lost one; what libvirt refuses is ended. */
  restore(rpc: RpcConnection): Promise<void> {
    return this.#inTurn(async () => {
      this.#forget();
      for (const [key, registration] of this.#all) {
        try {
          await this.#register(rpc, registration);
        } catch (error) {
          if (rpc.cause) throw rpc.cause;
          this.#all.delete(key);
          const cause = error instanceof Error ? error : new Error("registering for events again", { cause: error });
          for (const subscriber of registration.subscribers) subscriber.ended(cause);
        }
      }
    });
  }

  /** The connection is gone; if `final`, nobody will hear any more. */
  lost(cause: DisconnectedError, final: boolean): void {
    this.#forget();
    if (!final) return;
    const all = [...this.#all.values()];
    this.#all.clear();
    for (const { subscribers } of all) for (const subscriber of subscribers) subscriber.ended(cause);
  }

  /** Routes a message. Throws a MalformedError when it makes no sense. */
  message(program: number, payload: Buffer): void {
    const id = `${program}:${new XdrReader(payload).int()}`;
    const registration = this.#byId.get(id);
    if (registration) deliver(registration, payload);
    else if (this.#registering && this.#early.length < earlyLimit)
      this.#early.push({ id, payload: Buffer.from(payload) });
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => {});
    return result;
  }

  async #register(rpc: RpcConnection, registration: Registration): Promise<void> {
    const { program, what, dom } = registration.source;
    this.#registering = true;
    try {
      const { callbackID } =
        "id" in what
          ? await rpc.call(
              eventProcedures.connectDomainEventCallbackRegisterAny,
              { eventID: what.id, dom },
              { timeout },
            )
          : await rpc.call(qemuProcedures.qemuConnectDomainMonitorEventRegister, { dom, ...what }, { timeout });
      const id = `${program}:${callbackID}`;
      this.#byId.set(id, registration);
      for (const early of this.#early) if (early.id === id) deliver(registration, early.payload);
    } finally {
      this.#registering = false;
      this.#early = [];
    }
  }

  #forget(): void {
    this.#byId.clear();
    this.#early = [];
  }
}

function keyOf({ program, what, dom }: EventSource): string {
  return JSON.stringify([program, what, dom?.uuid]);
}

function deliver({ source, subscribers }: Registration, payload: Buffer): void {
  const event = source.body.read(new XdrReader(payload, 4));
  for (const subscriber of subscribers) subscriber.deliver(event);
}
