import type { WebSocket } from "ws";
import type { KubeClient } from "../../api/kube/client/client.ts";
import { queryOf } from "../../api/kube/resources/resource.ts";
import { sleep } from "../../api/kube/sleep.ts";
import { instancePath } from "../../api/sub-resources.ts";
import type { Cli } from "../cli.ts";
import { Ended, Failure } from "../failure.ts";
import { type Closed, hangUp, passOn } from "./connection.ts";
import { dial } from "./dial.ts";
import { escapeName } from "./escape.ts";
import { Keyboard } from "./keyboard.ts";
import { ShownOutput } from "./shown-output.ts";
import { stateAfterStop, stateOf } from "./state.ts";
import { TextFinder } from "./text-finder.ts";
import { verdictOn } from "./verdict.ts";

export interface SessionOptions {
  readonly name: string;
  readonly escape: number | undefined;
  readonly readOnly: boolean;
  /** A text; when the guest writes it, the session ends with success. */
  readonly until: string | undefined;
  /** Called at the first connection. */
  readonly onConnect: () => void;
  readonly signal: AbortSignal;
}

/** Milliseconds of the guest's silence that end a session after the end of its piped input. */
const silence = 1000;

/** Milliseconds to find out whether a pipe has input. Without input, older output counts for `until`. */
const grace = 300;

/** A console session, which reconnects as often as needed. */
export class Session {
  readonly #cli: Cli;
  readonly #client: KubeClient;
  readonly #options: SessionOptions;
  readonly #keyboard: Keyboard;
  readonly #seen = new ShownOutput();
  readonly #found = Promise.withResolvers<"found">();
  readonly #finder: TextFinder | undefined;
  readonly #watch: Watch;
  #connections = 0;

  constructor(cli: Cli, client: KubeClient, options: SessionOptions) {
    this.#cli = cli;
    this.#client = client;
    this.#options = options;
    this.#keyboard = new Keyboard(cli.io.stdin, options.escape);
    this.#finder = options.until === undefined ? undefined : new TextFinder(options.until);
    this.#watch = new Watch(silence);
  }

  /** Runs until the user, the guest or the signal ends it. Throws Failure or Ended for an end without success. */
  async run(): Promise<void> {
    const { name, readOnly, onConnect, until } = this.#options;
    const { stdout } = this.#cli.io;
    const over = new AbortController();
    const signal = AbortSignal.any([this.#options.signal, over.signal]);
    const path =
      instancePath({ namespace: this.#client.namespace, name }, "console") +
      queryOf({ readOnly: readOnly || undefined });
    // Nobody reads the output any more, or a write failed. Code that waits for a drain would wait for ever.
    const broken = (error: Error): void => over.abort(error);
    const closed = (): void => over.abort(new Ended(0));
    stdout.once("error", broken);
    stdout.once("close", closed);
    try {
      for (;;) {
        const again = this.#connections > 0;
        const say = (text: string): void => this.#say(text);
        const dialing = dial(this.#client, { name, path, again, signal, say });
        const socket = await this.#unlessEscaped(dialing);
        if (socket === "escape") return;
        this.#connections += 1;
        this.#cli.stdinUser = "the console";
        if (!again) onConnect();
        this.#greet(again);
        const end = await this.#connected(socket, again, signal);
        // A guest's prompt has no line feed at its end.
        if (end === "escape") this.#cli.io.stderr.write("\r\n");
        if (typeof end === "string") return;
        const state =
          end.code === 1000
            ? await stateAfterStop(this.#client, name, signal)
            : await stateOf(this.#client, name, signal);
        const verdict = verdictOn(name, end, state);
        this.#say(verdict.text);
        if (verdict.next !== "end") continue;
        if (until !== undefined) throw new Failure(`"${until}" was not seen before the console ended`);
        if (verdict.exitCode !== 0) throw new Ended(verdict.exitCode);
        return;
      }
    } finally {
      stdout.off("error", broken);
      stdout.off("close", closed);
      // This also ends a dial that the user did not wait for.
      over.abort(new Ended(0));
      this.#watch.end();
      this.#keyboard.close();
    }
  }

  /** Passes bytes on until the connection closes or something else ends the session. */
  async #connected(
    socket: WebSocket,
    again: boolean,
    signal: AbortSignal,
  ): Promise<Closed | "escape" | "found" | "silent"> {
    const { readOnly, until } = this.#options;
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const abort = (): void => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    try {
      // A watcher on a terminal still needs the keyboard, for the escape character.
      const keyboard = !readOnly || this.#keyboard.isTerminal ? this.#keyboard : undefined;
      const closed = passOn(socket, {
        keyboard,
        output: this.#cli.io.stdout,
        seen: this.#seen,
        replayed: again,
        readOnly,
        onOutput: (bytes, replay) => this.#look(bytes, replay),
      });
      const ended = keyboard?.ended.then((how) => (how === "escape" ? how : this.#lastWords(until)));
      return await Promise.race([closed, this.#found.promise, aborted, ...(ended ? [ended] : [])]);
    } finally {
      signal.removeEventListener("abort", abort);
      this.#keyboard.disconnect();
      await hangUp(socket);
    }
  }

  /** After the end of input: shows the guest's output until the guest is silent or has written `until`. */
  async #lastWords(until: string | undefined): Promise<"silent"> {
    if (until !== undefined) return new Promise(() => {});
    await this.#watch.silent();
    return "silent";
  }

  #look(bytes: Buffer, replay: boolean): void {
    this.#watch.refresh();
    const finder = this.#finder;
    if (!finder) return;
    const keyboard = this.#keyboard;
    if (!replay || this.#options.readOnly || keyboard.isTerminal) {
      if (finder.push(bytes)) this.#found.resolve("found");
      return;
    }
    void this.#lookAtReplay(bytes);
  }

  /** Ignores older output if there is input: a user who sends input waits for the answer to it. */
  async #lookAtReplay(bytes: Buffer): Promise<void> {
    const { firstInput, ended } = this.#keyboard;
    const late = sleep(grace).then(() => "none" as const);
    const came = await Promise.race([firstInput.then(() => "input" as const), ended.then(() => "none" as const), late]);
    if (came === "none" && new TextFinder(this.#options.until ?? "").push(bytes)) this.#found.resolve("found");
  }

  /** Returns a promise's outcome, or "escape" if the user stops waiting first. */
  async #unlessEscaped<T>(promise: Promise<T>): Promise<T | "escape"> {
    if (this.#connections === 0) return promise;
    promise.catch(() => {});
    const { promise: escaped, resolve } = Promise.withResolvers<"escape">();
    void this.#keyboard.ended.then((how) => how === "escape" && resolve(how));
    return Promise.race([promise, escaped]);
  }

  #greet(again: boolean): void {
    const { name, escape, readOnly } = this.#options;
    if (again) {
      this.#say("connected again");
      return;
    }
    if (!this.#keyboard.isTerminal) return;
    const leave = escape === undefined ? "" : ` Press ${escapeName(escape)} to leave.`;
    this.#say(`Connected to ${name}${readOnly ? " as a watcher" : ""}.${leave}`);
  }

  #say(text: string): void {
    // In raw mode a line feed does not return the cursor to the first column.
    this.#cli.io.stderr.write(this.#connections > 0 && this.#keyboard.isTerminal ? `\r\n${text}\r\n` : `${text}\n`);
  }
}

/** Detects that there was no output for a while. */
class Watch {
  readonly #milliseconds: number;
  readonly #silent = Promise.withResolvers<void>();
  #timer: NodeJS.Timeout | undefined;

  constructor(milliseconds: number) {
    this.#milliseconds = milliseconds;
  }

  /** Notes output. */
  refresh(): void {
    this.#timer?.refresh();
  }

  /** Resolves after a time without output, which begins now at the earliest. */
  silent(): Promise<void> {
    this.#timer ??= setTimeout(() => this.#silent.resolve(), this.#milliseconds);
    return this.#silent.promise;
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
