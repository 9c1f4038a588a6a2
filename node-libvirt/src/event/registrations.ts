import type { DisconnectedError } from "../errors.ts";
import { eventProcedures } from "../protocol/event.ts";
import { Program } from "../protocol/procedure.ts";
import { qemuProcedures } from "../protocol/qemu.ts";
import type { DomainRef } from "../protocol/structs.ts";
import type { RpcConnection } from "../rpc/rpc-connection.ts";
import type { Shape } from "../wire/shape.ts";
import { XdrReader } from "../wire/xdr-reader.ts";

/** The kind of events to register for. */
export interface EventSource {
  readonly program: number;
  /** The event's id, or for a monitor event its name (all of them if undefined) and flags. */
  readonly what: { id: number } | { event: string | undefined; flags: number };
  readonly dom: DomainRef | undefined;
  readonly body: Shape<never, unknown>;
}

/** A receiver of events. */
export interface Subscriber {
  /** Receives an event. Must not throw. */
  deliver(event: unknown): void;
  /** Reports that no more events will come. */
  ended(cause: Error): void;
}

interface Registration {
  source: EventSource;
  subscribers: Set<Subscriber>;
}

/** Most events to keep for a registration whose id has not arrived yet. */
const earlyLimit = 10_000;

const timeout = 60_000;

/**
 * The registrations of subscribers for events, on the current connection.
 *
 * libvirt accepts a client's registration for the same events only once, so subscribers to the same events share one.
 * libvirt may also run one client's calls in parallel, so registrations and deregistrations take turns. The callback id
 * at the start of each message routes it. A message may come before the reply with its id. So during a registration,
 * this class keeps messages with an unknown id.
 */
export class Registrations {
  readonly #all = new Map<string, Registration>();
  readonly #byId = new Map<string, Registration>();
  #turn: Promise<unknown> = Promise.resolve();
  #registering = false;
  #early: { id: string; payload: Buffer }[] = [];

  /** Subscribes to events from now on, on `rpc` and each later connection, until {@link remove}. */
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

  /** Unsubscribes at once. Resolves when libvirt has deregistered, if there is a connection by then. */
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
      // On a lost connection, libvirt has already forgotten the registration.
      await current()
        ?.call(procedure, { callbackID }, { timeout })
        .catch(() => {});
    });
  }

  /** Registers everything again on a new connection. Ends subscriptions that libvirt refuses. */
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

  /** Handles the loss of the connection. If `final`, ends all subscriptions. */
  lost(cause: DisconnectedError, final: boolean): void {
    this.#forget();
    if (!final) return;
    const all = [...this.#all.values()];
    this.#all.clear();
    for (const { subscribers } of all) for (const subscriber of subscribers) subscriber.ended(cause);
  }

  /** Routes a message to its subscribers. Throws a MalformedError when it is invalid. */
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
