import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const thisTree = join(import.meta.dirname, "../../..");

/** Runs the controller as a separate process from a source tree. */
export class ControllerProcess {
  readonly identity: string;
  readonly #kubeconfig: string;
  readonly #tree: string;
  #child: ChildProcess | undefined;
  #log = "";

  constructor(kubeconfig: string, identity = "controller-1", tree = thisTree) {
    this.#kubeconfig = kubeconfig;
    this.#tree = tree;
    this.identity = identity;
  }

  /** The whole log, over all starts. */
  get log(): string {
    return this.#log;
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Starts the controller, with more arguments if given. */
  start(...more: readonly string[]): void {
    const args = [
      join(this.#tree, "controller/main.ts"),
      `--kubeconfig=${this.#kubeconfig}`,
      `--identity=${this.identity}`,
      "--port=0",
      "--log-level=debug",
      ...more,
    ];
    this.#child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    this.#child.stdout?.on("data", (text: Buffer) => {
      this.#log += text.toString();
    });
  }

  /** Kills the controller. */
  async kill(): Promise<void> {
    await this.#signal("SIGKILL");
  }

  /** Asks the controller to end, and resolves to its exit code. */
  async end(): Promise<number | null> {
    return this.#signal("SIGTERM");
  }

  async #signal(signal: "SIGKILL" | "SIGTERM"): Promise<number | null> {
    const child = this.#child;
    if (!child || !this.isRunning) return null;
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
    return child.exitCode;
  }
}
