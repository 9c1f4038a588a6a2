import { EventOverflowError } from "../errors.ts";

/** Events as they come, to be read with `for await`; leaving the loop ends the subscription. */
export interface EventStream<T> extends AsyncIterableIterator<T, undefined>, AsyncDisposable {}

/** Buffers events until they are read; more than `limit` of them end it with an EventOverflowError. */
export class EventIterator<T> implements EventStream<T> {
  readonly #limit: number;
  readonly #close: () => Promise<void>;
  readonly #events: T[] = [];
  #reading: PromiseWithResolvers<IteratorResult<T, undefined>>[] = [];
  #end: { error?: Error } | undefined;

  /** `close` ends the subscription behind it. */
  constructor(limit: number, close: () => Promise<void>) {
    this.#limit = limit;
    this.#close = close;
  }

  /** An event came. */
  push(event: T): void {
    if (this.#end) return;
    const reading = this.#reading.shift();
    if (reading) reading.resolve({ done: false, value: event });
    else if (this.#events.length < this.#limit) this.#events.push(event);
    else {
      this.end(new EventOverflowError(this.#limit));
      void this.#close();
    }
  }

  /** No more come; with an error, the reader is told after the events that are still there. */
  end(error?: Error): void {
    if (this.#end) return;
    const [first, ...others] = error ? this.#reading : [undefined, ...this.#reading];
    // An error is told once: to who waits now, or to the next who asks.
    this.#end = error && !first ? { error } : {};
    this.#reading = [];
    if (error) first?.reject(error);
    for (const one of others) one?.resolve({ done: true, value: undefined });
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    const event = this.#events.shift();
    if (event !== undefined) return { done: false, value: event };
    if (this.#end) {
      const { error } = this.#end;
      this.#end = {};
      if (error) throw error;
      return { done: true, value: undefined };
    }
    const reading = Promise.withResolvers<IteratorResult<T, undefined>>();
    this.#reading.push(reading);
    return reading.promise;
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.#events.length = 0;
    this.end();
    this.#end = {};
    await this.#close();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
