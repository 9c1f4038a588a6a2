import { type Connection, connect } from "../../../node-libvirt/src/index.ts";
import { errorCode } from "../error-code.ts";

/** Milliseconds within which a libvirt that is well has answered, on a busy node too. */
const answersWithin = 10_000;

/** The node's libvirt, which may be started after the daemon, or never. */
export class NodeLibvirt implements AsyncDisposable {
  /** Resolves to the connection once libvirt has been reached; it is made again whenever it breaks. */
  readonly reached: Promise<Connection>;
  readonly #reached = Promise.withResolvers<Connection>();
  readonly #target: string;
  readonly #signal: AbortSignal;
  #connection: Connection | undefined;

  constructor(target: string, signal: AbortSignal) {
    this.#target = target;
    this.#signal = signal;
    this.reached = this.#reached.promise;
  }

  /** Resolves when libvirt and its driver for QEMU answer; rejects with why they do not. */
  async ask(): Promise<void> {
    const connection = this.#connection ?? (await this.#connect());
    await connection.getVersion({ timeout: answersWithin });
    this.#reached.resolve(connection);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection?.close();
  }

  async #connect(): Promise<Connection> {
    this.#connection = await connect(this.#target, { signal: this.#signal, reconnect: { maxDelay: 1000 } });
    return this.#connection;
  }
}

/** Whether an error, or one that it came from, says that there is no socket of libvirt's. */
export function isWithoutSocket(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) if (errorCode(at) === "ENOENT") return true;
  return false;
}
