import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

/**
 * Runs a program on a terminal of its own, with util-linux' `script`. A shell around it saves the terminal's settings
 * before and after the program, and its exit code.
 */
export class Pty implements AsyncDisposable {
  /** The terminal's output. */
  screen = "";
  readonly #folder: string;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<unknown>;

  constructor(command: readonly string[], folder: string, environment: Readonly<Record<string, string>> = {}) {
    this.#folder = folder;
    // The inner shell becomes the program, so that the test knows its pid.
    const inner = `echo $$ > pid; exec ${command.map(quoted).join(" ")}`;
    // The outer shell survives ^C at any time, because the test needs its files.
    const outer = `trap : INT; stty -a > before; sh -c ${quoted(inner)}; echo $? > code; stty -a > after`;
    this.#child = spawn("script", ["--quiet", "--return", "--command", outer, "/dev/null"], {
      cwd: folder,
      env: { ...process.env, TERM: "xterm", ...environment },
    });
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.screen += text;
    });
    this.#ended = once(this.#child, "close");
  }

  /** Types a text. */
  type(text: string): void {
    this.#child.stdin.write(text);
  }

  /** Resolves when the terminal shows a text. */
  async shows(text: string, since = 0): Promise<void> {
    await eventually(
      () => this.screen.includes(text, since),
      () => `"${text}" is not shown:\n${this.screen}`,
    );
  }

  /** Sends the program a signal. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    process.kill(await this.pid(), signal);
  }

  /** The program's process id. */
  async pid(): Promise<number> {
    return Number(await this.#file("pid"));
  }

  /** The settings that the terminal has now, as `stty -a` prints them. */
  async settings(): Promise<string> {
    const tty = `/proc/${await this.pid()}/fd/0`;
    const stty = spawn("stty", ["-a", "-F", tty]);
    let text = "";
    stty.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    await once(stty, "close");
    return text;
  }

  /** Waits for the end; returns the exit code, and whether the terminal's settings are restored. */
  async end(): Promise<{ code: number; restored: boolean }> {
    await this.#ended;
    const [code, before, after] = await Promise.all(["code", "before", "after"].map((name) => this.#file(name)));
    return { code: Number(code), restored: before === after && before!.includes(" icanon ") };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  #file(name: string): Promise<string> {
    return readFile(join(this.#folder, name), "utf8");
  }
}

/** Waits until a condition is true; checks it every few milliseconds. */
export async function eventually(isSo: () => boolean | Promise<boolean>, message: () => string): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(message());
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}
