import { errorCode } from "../../../api/values/error-code.ts";
import { type Connection, connect } from "../../../node-libvirt/src/index.ts";

/** Milliseconds in which a healthy libvirt answers, even on a busy node. */
const answersWithin = 10_000;

/** The node's libvirt. It may start after the daemon, or never. */
export class NodeLibvirt implements AsyncDisposable {
  /** Resolves to the connection once the daemon has reached libvirt. The connection reconnects whenever it breaks. */
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

  /** Resolves when libvirt and its QEMU driver answer. Rejects with the reason when they do not. */
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

/** Whether an error, or one of its causes, says that libvirt's socket does not exist. */
export function isWithoutSocket(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) if (errorCode(at) === "ENOENT") return true;
  return false;
}
