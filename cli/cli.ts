import type { KubeClient } from "../api/kube/client/client.ts";
import { Ended } from "./failure.ts";
import type { GlobalFlags } from "./flags/global-flags.ts";
import { type Io, write } from "./io.ts";

/** What a command has to work with. */
export class Cli {
  readonly io: Io;
  readonly flags: GlobalFlags;
  /** Aborted with `Ended` when the user or the system ends the program. */
  readonly signal: AbortSignal;
  /** Who reads standard input, if a command does: a kubeconfig's program cannot ask there, then. */
  stdinUser: string | undefined;
  #client: Promise<KubeClient> | undefined;

  constructor(io: Io, flags: GlobalFlags, signal: AbortSignal) {
    this.io = io;
    this.flags = flags;
    this.signal = signal;
  }

  /** The client of the API server, made when it is first asked for. */
  client(): Promise<KubeClient> {
    this.#client ??= this.#connect();
    return this.#client;
  }

  /** Prints a line of the result. */
  print(line: string): Promise<void> {
    return write(this.io.stdout, `${line}\n`);
  }

  /** Says something that is not the result. */
  say(line: string): void {
    this.io.stderr.write(`${line}\n`);
  }

  /** Ends the connections. */
  async close(): Promise<void> {
    const client = await this.#client?.catch(() => undefined);
    client?.close();
  }

  async #connect(): Promise<KubeClient> {
    const { connect } = await import("./connect.ts");
    return connect(
      this.flags,
      (text) => this.say(`Warning: ${text}`),
      () => this.stdinUser,
    );
  }
}

/** Has the program's signals abort it, each with the exit code that a shell expects of it. */
export function endedBySignals(): AbortSignal {
  const controller = new AbortController();
  for (const [name, number] of [
    ["SIGINT", 2],
    ["SIGTERM", 15],
    ["SIGHUP", 1],
    ["SIGQUIT", 3],
  ] as const) {
    process.on(name, () => {
      // Asked twice: at once.
      if (controller.signal.aborted) process.exit(128 + number);
      controller.abort(new Ended(128 + number));
    });
  }
  return controller.signal;
}
