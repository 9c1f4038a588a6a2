import { ReadStream } from "node:tty";
import { splitAtEscape } from "./escape.ts";
import { rawMode } from "./raw-mode.ts";

/** Takes input; returns false when it can take no more until `resume` is called. */
export type Sink = (bytes: Buffer) => boolean;

const interrupt = 0x03;

/**
 * What is typed, or comes from a pipe. On a terminal everything goes to the guest but the escape character; while nothing
 * goes there, ^C ends too. What a pipe holds waits for a connection.
 */
export class Keyboard {
  readonly #stdin: NodeJS.ReadStream;
  readonly #escape: number | undefined;
  readonly #ended = Promise.withResolvers<"escape" | "end">();
  readonly #firstInput = Promise.withResolvers<void>();
  #sink: Sink | undefined;
  #leaveRawMode: (() => void) | undefined;
  #open = true;

  constructor(stdin: NodeJS.ReadStream, escape: number | undefined) {
    this.#stdin = stdin;
    this.#escape = escape;
  }

  get isTerminal(): boolean {
    return this.#stdin instanceof ReadStream && this.#stdin.isTTY;
  }

  /** Resolves when the escape character was typed, or a pipe has come to its end. */
  get ended(): Promise<"escape" | "end"> {
    return this.#ended.promise;
  }

  /** Resolves when there was input for the guest. */
  get firstInput(): Promise<void> {
    return this.#firstInput.promise;
  }

  /** Has input go to a connection, or nowhere when that is only watched. */
  connect(sink: Sink | undefined): void {
    this.#sink = sink;
    if (this.#stdin instanceof ReadStream && this.isTerminal && !this.#leaveRawMode) {
      this.#leaveRawMode = rawMode(this.#stdin);
    }
    if (this.#stdin.listenerCount("data") === 0 && this.#open) {
      this.#stdin.on("data", this.#take);
      this.#stdin.once("end", this.#end);
      // A terminal that was closed.
      this.#stdin.once("error", this.#end);
    }
    this.#stdin.resume();
  }

  /** There is no connection. On a terminal the escape character is still heard. */
  disconnect(): void {
    this.#sink = undefined;
    if (!this.isTerminal) this.#stdin.pause();
  }

  /** The connection takes input again. */
  resume(): void {
    this.#stdin.resume();
  }

  /** Gives the terminal back. */
  close(): void {
    this.#open = false;
    this.#sink = undefined;
    this.#stdin.off("data", this.#take);
    this.#stdin.pause();
    this.#leaveRawMode?.();
    this.#leaveRawMode = undefined;
  }

  readonly #take = (chunk: Buffer | string): void => {
    const input = Buffer.from(chunk);
    const { before, escaped } = splitAtEscape(input, this.isTerminal ? this.#escape : undefined);
    if (before.length > 0 && this.#sink) {
      this.#firstInput.resolve();
      if (!this.#sink(before)) this.#stdin.pause();
    }
    const interrupted = !this.#sink && this.isTerminal && before.includes(interrupt);
    if (escaped || interrupted) this.#ended.resolve("escape");
  };

  readonly #end = (): void => {
    this.#open = false;
    this.#ended.resolve("end");
  };
}
