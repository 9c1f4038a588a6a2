import { styleText } from "node:util";
import { formatDuration } from "../duration.ts";

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/**
 * One line that says what is going on. On a terminal it is redrawn in place, with the time that has passed; elsewhere
 * each new text is a line.
 */
export class LiveLine {
  readonly #out: NodeJS.WriteStream;
  readonly #since = performance.now();
  #text = "";
  #timer: NodeJS.Timeout | undefined;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  /** What it says now. */
  get text(): string {
    return this.#text;
  }

  /** Says something else. */
  say(text: string): void {
    if (text === this.#text) return;
    this.#text = text;
    if (!this.#out.isTTY) {
      this.#out.write(`${text}\n`);
      return;
    }
    this.#draw();
    this.#timer ??= setInterval(() => this.#draw(), 100);
  }

  /** Ends it well, with a last word that stays. */
  done(text: string): void {
    this.clear();
    this.#out.write(`${styleText("green", "✓", { stream: this.#out })} ${text} (${this.#elapsed()})\n`);
  }

  /** Takes it away. */
  clear(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (this.#out.isTTY && this.#text !== "") this.#out.write("\r\x1b[K");
  }

  #draw(): void {
    const frame = frames[Math.floor(performance.now() / 100) % frames.length] ?? "";
    const time = this.#elapsed();
    const room = Math.max(10, (this.#out.columns || 80) - time.length - 5);
    const text = this.#text.length > room ? `${this.#text.slice(0, room - 1)}…` : this.#text;
    this.#out.write(`\r\x1b[K${frame} ${text} ${styleText("dim", time, { stream: this.#out })}`);
  }

  #elapsed(): string {
    return formatDuration(performance.now() - this.#since);
  }
}
