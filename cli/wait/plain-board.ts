import { formatDuration } from "../flags/duration.ts";
import type { Board } from "./board.ts";

/** Prints each new text as a line; with several machines, each line has the machine's name. */
export class PlainBoard implements Board {
  readonly #out: NodeJS.WritableStream;
  readonly #several: boolean;
  readonly #since = performance.now();
  readonly #said = new Map<string, string>();

  constructor(out: NodeJS.WritableStream, several: boolean) {
    this.#out = out;
    this.#several = several;
  }

  say(name: string, text: string): void {
    if (this.#said.get(name) === text) return;
    this.#said.set(name, text);
    this.#out.write(`${this.#several ? `${name}: ` : ""}${text}\n`);
  }

  done(name: string, text: string): void {
    this.#out.write(`✓ ${name} ${text} (${formatDuration(performance.now() - this.#since)})\n`);
  }

  failed(name: string, text: string): void {
    this.#out.write(`✗ ${name} ${text}\n`);
  }

  async close(): Promise<void> {}
}
