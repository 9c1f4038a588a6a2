import { styleText } from "node:util";

/** One piece of work in progress. */
export interface Step {
  /** Shows the current activity of the step, in a few words. */
  update(detail: string): void;
  /** Runs a part of this step, shown as a separate line. */
  step<T>(title: string, work: (step: Step) => Promise<T>): Promise<T>;
}

/** The output of progress; a terminal gets a live view, other outputs plain lines. */
export interface ProgressOptions {
  out?: NodeJS.WriteStream;
  live?: boolean;
  /** Milliseconds; a shorter successful step gets no line. */
  quietBelow?: number;
}

interface Running {
  title: string;
  detail: string;
  since: number;
}

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;

/**
 * The root of a progress view. On a terminal, running steps are redrawn below the finished ones. Elsewhere each step
 * prints a line after two seconds, and a line with its duration when it ends.
 */
export function progress({ out = process.stderr, live = out.isTTY, quietBelow = 0 }: ProgressOptions = {}): Step {
  const running = new Set<Running>();
  let drawn = 0;
  let timer: NodeJS.Timeout | undefined;

  const erase = (): void => {
    if (drawn > 0) out.write(`\x1b[${drawn}A\x1b[J`);
    drawn = 0;
  };
  const draw = (): void => {
    const frame = frames[Math.floor(performance.now() / 100) % frames.length] ?? "";
    const width = (out.columns || 80) - 1;
    const lines = [...running].map((step) => {
      const detail = step.detail && ` — ${step.detail}`;
      return `${frame} ${step.title} ${seconds(step.since)}${detail}`.slice(0, width);
    });
    erase();
    out.write(lines.map((line) => `${line}\n`).join(""));
    drawn = lines.length;
  };
  const line = (text: string): void => {
    if (live) erase();
    out.write(`${text}\n`);
    if (live) draw();
  };

  async function run<T>(title: string, work: (step: Step) => Promise<T>): Promise<T> {
    const entry: Running = { title, detail: "", since: performance.now() };
    running.add(entry);
    if (live) timer ??= setInterval(draw, 100);
    let told = live;
    const announce = setTimeout(() => {
      if (!told) out.write(`  … ${title}${entry.detail && ` (${entry.detail})`}\n`);
      told = true;
    }, 2000);
    const end = (mark: string): void => {
      clearTimeout(announce);
      running.delete(entry);
      if (running.size === 0) {
        clearInterval(timer);
        timer = undefined;
      }
      if (mark !== "✓" || performance.now() - entry.since >= quietBelow) {
        line(`${mark === "✓" ? styleText("green", mark) : styleText("red", mark)} ${title} ${seconds(entry.since)}`);
      } else if (live) {
        draw();
      }
    };
    try {
      const result = await work({
        update: (detail) => {
          entry.detail = detail;
        },
        step: run,
      });
      end("✓");
      return result;
    } catch (error) {
      end("✗");
      throw error;
    }
  }
  return { update: () => {}, step: run };
}

/** Progress that nobody sees. */
export const quiet: Step = { update: () => {}, step: (_title, work) => work(quiet) };
