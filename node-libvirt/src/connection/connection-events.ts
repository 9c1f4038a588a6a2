/* oxlint-disable typescript/no-unsafe-type-assertion -- an event is what the table says of its kind */
import type { Caller, Placement } from "../caller.ts";
import { Domain } from "../domain/domain.ts";
import type { DisconnectedError } from "../errors.ts";
import { EventIterator, type EventStream } from "../event/event-iterator.ts";
import { type EventSource, Registrations, type Subscriber } from "../event/registrations.ts";
import { domainEvents, monitorEvent } from "../protocol/event.ts";
import { type Procedure, Program } from "../protocol/procedure.ts";
import type { DomainRef } from "../protocol/structs.ts";
import type { Address } from "../rpc/address.ts";
import type { LibvirtStream, StreamShape } from "../rpc/libvirt-stream.ts";
import type { CallOptions } from "../rpc/pending-calls.ts";
import { Session } from "../session.ts";
import type { SessionOptions } from "../session-options.ts";
import type { Out } from "../wire/shape.ts";

/** The kinds of domain events, such as `lifecycle`. */
export type DomainEventName = keyof typeof domainEvents;

type WithDomain<T> = T extends { dom: DomainRef } ? Omit<T, "dom"> & { domain: Domain } : never;

/** An event of a kind, with its fields. */
export type DomainEvent<K extends DomainEventName> = WithDomain<Out<(typeof domainEvents)[K]["body"]>>;
/** An event of QEMU's monitor; `details` is JSON. */
export type MonitorEvent = WithDomain<Out<(typeof monitorEvent)["body"]>>;

/** Options of a subscription. */
export interface SubscribeOptions {
  /** Only events of this domain; of all domains by default. */
  domain?: DomainRef | undefined;
  /** Ends the subscription. */
  signal?: AbortSignal | undefined;
}

/** Options of a subscription for `for await`. */
export interface IterateOptions extends SubscribeOptions {
  /** Number of unread events after which it fails with an EventOverflowError; 10000 by default. */
  bufferLimit?: number | undefined;
}

/** A subscription. The listener gets events until the subscription is closed. */
export interface Subscription extends AsyncDisposable {
  close(): Promise<void>;
}

type Listener<T> = (value: T) => void;

/** The connection itself: calls, events, and its open and lost states. */
export class ConnectionEvents implements Caller, AsyncDisposable {
  readonly #session: Session;
  readonly #registrations = new Registrations();
  readonly #onClose = new Set<Listener<DisconnectedError>>();
  readonly #onDisconnect = new Set<Listener<DisconnectedError>>();
  readonly #onReconnect = new Set<Listener<void>>();

  /** Made by `connect`. */
  constructor(address: Address, options: SessionOptions) {
    this.#session = new Session(address, options, {
      message: (program, _procedure, payload) => this.#registrations.message(program, payload),
      restored: (rpc) => this.#registrations.restore(rpc),
      reconnected: () => tell(this.#onReconnect, undefined),
      lost: (cause, final) => {
        this.#registrations.lost(cause, final);
        tell(final ? this.#onClose : this.#onDisconnect, cause);
      },
    });
  }

  /** Whether calls can be made now. */
  get connected(): boolean {
    return this.#session.main !== undefined;
  }

  /** The number of open connections for long jobs and streams, besides the main one. */
  get extraConnections(): number {
    return this.#session.apart;
  }

  /** Opens the connection; `connect` calls this. */
  async open(signal?: AbortSignal): Promise<void> {
    await this.#session.open(signal);
  }

  /** Closes the connection. Rejects waiting calls with a DisconnectedError (`closed`). */
  async close(): Promise<void> {
    await this.#session.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Calls back when the connection has ended for good: the program closed it, or it is lost and will not reconnect. */
  onClose(listener: Listener<DisconnectedError>): Disposable {
    return add(this.#onClose, listener);
  }

  /** Calls back when the connection is lost and will reconnect. Until then, calls reject with this cause. */
  onDisconnect(listener: Listener<DisconnectedError>): Disposable {
    return add(this.#onDisconnect, listener);
  }

  /**
   * Calls back when the connection and all subscriptions are restored. Events in between are lost, so check everything
   * again.
   */
  onReconnect(listener: Listener<void>): Disposable {
    return add(this.#onReconnect, listener);
  }

  call<A, R>(procedure: Procedure<A, R>, args: A, options?: CallOptions & Placement): Promise<R> {
    return this.#session.call(procedure, args, options);
  }

  openStream<A, R>(
    procedure: Procedure<A, R>,
    args: A,
    shape: StreamShape,
    options?: CallOptions,
  ): Promise<{ result: R; stream: LibvirtStream }> {
    return this.#session.openStream(procedure, args, shape, options);
  }

  /**
   * Calls `listener` for each event of a kind. After this resolves, no event is missed. An error that the listener
   * throws is an uncaught exception.
   */
  on<K extends DomainEventName>(
    kind: K,
    listener: Listener<DomainEvent<K>>,
    options: SubscribeOptions = {},
  ): Promise<Subscription> {
    return this.#subscribe(this.#kind(kind), listener as Listener<unknown>, options);
  }

  /** Events of a kind for `for await`. After this resolves, no event is missed. */
  events<K extends DomainEventName>(kind: K, options: IterateOptions = {}): Promise<EventStream<DomainEvent<K>>> {
    return this.#iterate<DomainEvent<K>>(this.#kind(kind), options);
  }

  /** Like {@link on}, for events of QEMU's monitor with this name, by default all; see {@link MonitorEventFlags}. */
  onMonitorEvent(
    listener: Listener<MonitorEvent>,
    { event, flags = 0, ...options }: SubscribeOptions & { event?: string; flags?: number } = {},
  ): Promise<Subscription> {
    const source = { program: Program.QEMU, what: { event, flags }, body: monitorEvent.body };
    return this.#subscribe(source, listener as Listener<unknown>, options);
  }

  #kind(kind: DomainEventName): Omit<EventSource, "dom"> {
    const { id, body } = domainEvents[kind];
    return { program: Program.REMOTE, what: { id }, body };
  }

  async #iterate<T>(
    source: Omit<EventSource, "dom">,
    { bufferLimit = 10_000, ...options }: IterateOptions,
  ): Promise<EventStream<T>> {
    let subscription: Subscription | undefined;
    const iterator = new EventIterator<T>(bufferLimit, async () => subscription?.close());
    const push = (event: unknown): void => iterator.push(event as T);
    subscription = await this.#subscribe(source, push, options, (cause) => iterator.end(cause));
    return iterator;
  }

  async #subscribe(
    source: Omit<EventSource, "dom">,
    listener: Listener<unknown>,
    { domain, signal }: SubscribeOptions,
    ended: (cause?: Error) => void = () => {},
  ): Promise<Subscription> {
    signal?.throwIfAborted();
    const main = this.#session.main;
    if (!main) throw this.#session.cause;
    const wanted = { ...source, dom: domain };
    const subscriber: Subscriber = {
      deliver: (event) => {
        const { dom, ...rest } = event as { dom: DomainRef };
        guarded(listener, { ...rest, domain: new Domain(this, dom) });
      },
      ended: (cause) => {
        signal?.removeEventListener("abort", abort);
        ended(isClosedByUs(cause) ? undefined : cause);
      },
    };
    const close = async (): Promise<void> => {
      signal?.removeEventListener("abort", abort);
      ended();
      await this.#registrations.remove(() => this.#session.main, wanted, subscriber);
    };
    const abort = (): void => void close();
    signal?.addEventListener("abort", abort);
    try {
      await this.#registrations.add(main, wanted, subscriber);
    } catch (error) {
      signal?.removeEventListener("abort", abort);
      throw error;
    }
    return { close, [Symbol.asyncDispose]: close };
  }
}

function isClosedByUs(cause: Error): boolean {
  return "reason" in cause && cause.reason === "closed";
}

/** Calls a user's listener. An error from it must not stop the reading of the connection. */
function guarded<T>(listener: Listener<T>, value: T): void {
  try {
    listener(value);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

function add<T>(listeners: Set<Listener<T>>, listener: Listener<T>): Disposable {
  // A separate wrapper, so that the same function can be added twice and removed once.
  const entry: Listener<T> = (value) => listener(value);
  listeners.add(entry);
  return {
    [Symbol.dispose]: () => {
      listeners.delete(entry);
    },
  };
}

function tell<T>(listeners: ReadonlySet<Listener<T>>, value: T): void {
  for (const listener of listeners) guarded(listener, value);
}
