import type { KubeClient } from "../api/kube/client/client.ts";
import { Ended } from "./failure.ts";
import type { GlobalFlags } from "./flags/global-flags.ts";
import { type Io, write } from "./io.ts";

/** The environment of a command: input and output, global flags, and the client of the API server. */
export class Cli {
  readonly io: Io;
  readonly flags: GlobalFlags;
  /** Aborted with `Ended` when the user or the system ends the program. */
  readonly signal: AbortSignal;
  /** The number of words after `--`, which are no flags. */
  readonly afterDashes: number;
  /** The flag that reads standard input, if one does. A credential program of a kubeconfig then cannot ask there. */
  stdinUser: string | undefined;
  #client: Promise<KubeClient> | undefined;

  constructor(io: Io, flags: GlobalFlags, signal: AbortSignal, afterDashes = 0) {
    this.io = io;
    this.afterDashes = afterDashes;
    this.flags = flags;
    this.signal = signal;
  }

  /** Returns the client of the API server; the first call makes it. */
  client(): Promise<KubeClient> {
    this.#client ??= this.#connect();
    return this.#client;
  }

  /** Prints a line of the result. */
  print(line: string): Promise<void> {
    return write(this.io.stdout, `${line}\n`);
  }

  /** Prints a message that is not part of the result, to standard error. */
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

/** Returns a signal that SIGINT and its like abort, each with the exit code that a shell expects. */
export function endedBySignals(): AbortSignal {
  const controller = new AbortController();
  for (const [name, number] of [
    ["SIGINT", 2],
    ["SIGTERM", 15],
    ["SIGHUP", 1],
    ["SIGQUIT", 3],
  ] as const) {
    process.on(name, () => {
      // The second signal ends the program at once.
      if (controller.signal.aborted) process.exit(128 + number);
      controller.abort(new Ended(128 + number));
    });
  }
  return controller.signal;
}
