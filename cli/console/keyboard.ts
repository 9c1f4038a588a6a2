import { ReadStream } from "node:tty";
import { splitAtEscape } from "./escape.ts";
import { rawMode } from "./raw-mode.ts";

/** Takes input; returns false when it can take no more before a call of `resume`. */
export type Sink = (bytes: Buffer) => boolean;

const interrupt = 0x03;

/**
 * The user's input, from a terminal or a pipe. On a terminal all input except the escape character goes to the guest.
 * Without a connection, ^C ends the session too. Input from a pipe waits for a connection.
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

  /** Resolves when the user typed the escape character, or a pipe has ended. */
  get ended(): Promise<"escape" | "end"> {
    return this.#ended.promise;
  }

  /** Resolves at the first input for the guest. */
  get firstInput(): Promise<void> {
    return this.#firstInput.promise;
  }

  /** Sends input to a connection, or nowhere for a watcher. */
  connect(sink: Sink | undefined): void {
    this.#sink = sink;
    if (this.#stdin instanceof ReadStream && this.isTerminal && !this.#leaveRawMode) {
      this.#leaveRawMode = rawMode(this.#stdin);
    }
    if (this.#stdin.listenerCount("data") === 0 && this.#open) {
      this.#stdin.on("data", this.#take);
      this.#stdin.once("end", this.#end);
      // The user closed the terminal.
      this.#stdin.once("error", this.#end);
    }
    this.#stdin.resume();
  }

  /** Ends the link to the connection. On a terminal, the escape character still works. */
  disconnect(): void {
    this.#sink = undefined;
    if (!this.isTerminal) this.#stdin.pause();
  }

  /** Continues after the connection takes input again. */
  resume(): void {
    this.#stdin.resume();
  }

  /** Restores the terminal. */
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
