import type { WriteStream } from "node:tty";
import { Box, type Instance, render, Static, Text } from "ink";
import { createElement as h, type ReactNode } from "react";
import { formatDuration } from "../flags/duration.ts";
import type { Board } from "./board.ts";

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/** Milliseconds between two frames. */
const beat = 100;

/** The final line of a machine, which stays on the screen. */
interface Ended {
  readonly name: string;
  readonly text: string;
  readonly well: boolean;
  /** Time since the board opened. */
  readonly time: string;
}

/** Draws a line for each machine underway, with the elapsed time; above them, the results of the others. */
export class LiveBoard implements Board {
  readonly #out: WriteStream;
  readonly #since = performance.now();
  readonly #underway = new Map<string, string>();
  #ended: readonly Ended[] = [];
  readonly #screen: Instance;
  readonly #timer: NodeJS.Timeout;

  constructor(out: WriteStream) {
    this.#out = out;
    this.#screen = render(this.#view(), {
      stdout: out,
      // A terminal in CI is interactive, too. Commands print other output only at the right time, so patch no console.
      interactive: true,
      patchConsole: false,
      exitOnCtrlC: false,
    });
    this.#timer = setInterval(() => this.#draw(), beat);
  }

  say(name: string, text: string): void {
    if (this.#underway.get(name) === text) return;
    this.#underway.set(name, text);
    this.#draw();
  }

  done(name: string, text: string): void {
    this.#end({ name, text, well: true, time: this.#time() });
  }

  failed(name: string, text: string): void {
    this.#end({ name, text, well: false, time: this.#time() });
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#underway.clear();
    this.#draw();
    this.#screen.unmount();
    await this.#screen.waitUntilExit();
    // ink leaves an empty line; move up over it.
    this.#out.write("\x1b[1A");
  }

  #end(ended: Ended): void {
    this.#underway.delete(ended.name);
    this.#ended = [...this.#ended, ended];
    this.#draw();
  }

  #draw(): void {
    this.#screen.rerender(this.#view());
  }

  #time(): string {
    return formatDuration(performance.now() - this.#since);
  }

  #view(): ReactNode {
    // A terminal cannot redraw lines that have scrolled away.
    const room = Math.max(1, (this.#out.rows || 24) - 3);
    const lines = [...this.#underway];
    const more = lines.length - room;
    return h(
      Box,
      { flexDirection: "column" },
      h(Static<Ended>, { items: [...this.#ended], children: endedLine }),
      lines.slice(0, room).map((line) => this.#line(line)),
      more > 0 ? h(Text, { dimColor: true }, `  and ${more} more`) : null,
    );
  }

  #line([name, text]: readonly [string, string]): ReactNode {
    const frame = frames[Math.floor(performance.now() / beat) % frames.length] ?? "";
    return h(
      Box,
      { key: name, gap: 1 },
      h(Box, { flexShrink: 0 }, h(Text, null, frame)),
      h(Text, { wrap: "truncate-end" }, `${name}: ${text}`),
      h(Box, { flexShrink: 0 }, h(Text, { dimColor: true }, this.#time())),
    );
  }
}

function endedLine({ name, text, well, time }: Ended): ReactNode {
  const mark = well ? h(Text, { color: "green" }, "✓") : h(Text, { color: "red" }, "✗");
  return h(Box, { key: name, gap: 1 }, mark, h(Text, null, `${name} ${text}${well ? ` (${time})` : ""}`));
}
