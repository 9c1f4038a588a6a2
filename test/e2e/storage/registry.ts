import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Node } from "../../../cluster/cluster.ts";

const program = join(import.meta.dirname, "registry-program.ts");

/** A registry of one image on a node's 127.0.0.1 that needs a user and a password. */
export class Registry implements AsyncDisposable {
  readonly #child: ChildProcess;
  #requests = "";

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.on("data", (text: Buffer) => {
      this.#requests += text.toString();
    });
  }

  /** Starts a registry of the image in an OCI image layout; `credentials` are `USER:PASSWORD`. */
  static async start(node: Node, layout: string, port: number, credentials: string): Promise<Registry> {
    const network = `--net=/proc/${await node.bundle.init()}/ns/net`;
    // Run this computer's Node in the node's network.
    const child = spawn("nsenter", [network, process.execPath, program, layout, String(port), credentials], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const registry = new Registry(child);
    if (child.stdout) await once(child.stdout, "data");
    return registry;
  }

  /** The answered requests, one on each line: `GET /v2/ 401`. */
  get requests(): string {
    return this.#requests;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#child.kill();
    await ended;
  }
}
