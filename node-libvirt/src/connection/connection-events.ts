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

/** What an event of a kind says. */
export type DomainEvent<K extends DomainEventName> = WithDomain<Out<(typeof domainEvents)[K]["body"]>>;
/** An event of QEMU's monitor; `details` is JSON. */
export type MonitorEvent = WithDomain<Out<(typeof monitorEvent)["body"]>>;

/** What a subscription takes. */
export interface SubscribeOptions {
  /** Only events of this domain; of all unless told. */
  domain?: DomainRef | undefined;
  /** Ends the subscription. */
  signal?: AbortSignal | undefined;
}

/** What a subscription read with `for await` takes. */
export interface IterateOptions extends SubscribeOptions {
  /** How many events may wait to be read before it fails with an EventOverflowError; 10000 unless told. */
  bufferLimit?: number | undefined;
}

/** Until it is closed, the listener hears events. */
export interface Subscription extends AsyncDisposable {
  close(): Promise<void>;
}

type Listener<T> = (value: T) => void;

/** The connection itself: calls, events, its coming and going. */
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

  /** How many connections are open for long jobs and streams besides the main one. */
  get extraConnections(): number {
    return this.#session.apart;
  }

  /** Dials; `connect` does it. */
  async open(signal?: AbortSignal): Promise<void> {
    await this.#session.open(signal);
  }

  /** Closes the connection; what waits is rejected with a DisconnectedError (`closed`). */
  async close(): Promise<void> {
    await this.#session.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** The connection is over for good: closed by us, or lost and not to be made again. */
  onClose(listener: Listener<DisconnectedError>): Disposable {
    return add(this.#onClose, listener);
  }

  /** The connection was lost and will be made again; until then calls reject with this cause. */
  onDisconnect(listener: Listener<DisconnectedError>): Disposable {
    return add(this.#onDisconnect, listener);
  }

  /**
   * The connection is there again and all subscriptions are made again. What happened in between was not told: look at
   * everything anew.
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
   * Calls `listener` for each event of a kind; when this resolves, no later event is missed. What the listener throws is
   * an uncaught exception.
   */
  on<K extends DomainEventName>(
    kind: K,
    listener: Listener<DomainEvent<K>>,
    options: SubscribeOptions = {},
  ): Promise<Subscription> {
    return this.#subscribe(this.#kind(kind), listener as Listener<unknown>, options);
  }

  /** Events of a kind to be read with `for await`; when this resolves, no later event is missed. */
  events<K extends DomainEventName>(kind: K, options: IterateOptions = {}): Promise<EventStream<DomainEvent<K>>> {
    return this.#iterate<DomainEvent<K>>(this.#kind(kind), options);
  }

  /** As {@link on}, for the events of QEMU's monitor of that name, all unless told; see {@link MonitorEventFlags}. */
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

/** Calls a listener of the user's; what it throws must not end the reading of the connection. */
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
  // A wrapper of its own, so that the same function can be added twice and taken away once.
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
