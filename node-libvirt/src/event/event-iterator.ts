import { EventOverflowError } from "../errors.ts";

/** Events for `for await`, as they come. Leaving the loop ends the subscription. */
export interface EventStream<T> extends AsyncIterableIterator<T, undefined>, AsyncDisposable {}

/** Buffers events until they are read. More than `limit` events end it with an EventOverflowError. */
export class EventIterator<T> implements EventStream<T> {
  readonly #limit: number;
  readonly #close: () => Promise<void>;
  readonly #events: T[] = [];
  #reading: PromiseWithResolvers<IteratorResult<T, undefined>>[] = [];
  #end: { error?: Error } | undefined;

  /** `close` ends the subscription behind the iterator. */
  constructor(limit: number, close: () => Promise<void>) {
    this.#limit = limit;
    this.#close = close;
  }

  /** Adds an event. */
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

  /** Ends the events. With an error, the reader gets the error after the buffered events. */
  end(error?: Error): void {
    if (this.#end) return;
    const [first, ...others] = error ? this.#reading : [undefined, ...this.#reading];
    // Only one read gets the error: the first waiting one, or the next one.
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
