import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { DaemonSetting } from "./running-daemon.ts";

const program = fileURLToPath(new URL("daemon.ts", import.meta.url));

/** Runs a daemon's relay and server in a separate process. */
export class DaemonProcess {
  readonly port: number;
  readonly #child: ChildProcess;

  static async start(setting: DaemonSetting): Promise<DaemonProcess> {
    const child = spawn(process.execPath, [program, JSON.stringify(setting)], { stdio: ["ignore", "pipe", "inherit"] });
    const [first] = (await once(child.stdout, "data")) as [Buffer];
    return new DaemonProcess(child, Number(first.toString()));
  }

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Ends it, and waits until it has ended. */
  async end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#child.kill(signal);
    await ended;
  }
}
