import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Cluster, Node } from "../../../cluster/cluster.ts";
import { type SourceProgram, sourceDaemon, tlsFolder, type Variant } from "../../../cluster/dev/source-program.ts";
import { endAllInstalled } from "../../../cluster/installed.ts";
import { Pki } from "../../../cluster/pki.ts";

const manifests = ["namespace.yaml", "daemon-guard.yaml", "program-roles.yaml", "crds"].map(
  (name) => `--filename=deploy/manifests/${name}`,
);

/** Runs the node daemon from the source tree in a node, without a controller. */
export class DaemonOnNode {
  readonly node: Node;
  readonly #program: SourceProgram;

  constructor(cluster: Cluster, node: Node, variant: Variant = {}) {
    this.node = node;
    this.#program = sourceDaemon(cluster, node, "debug", variant);
  }

  /** Copies program and files into the node, installs its objects in the cluster, and stops installed programs. */
  async install(): Promise<void> {
    const { cluster } = this.#program;
    await endAllInstalled(cluster);
    await cluster.kubectl(["apply", "--server-side", "--force-conflicts", ...manifests]);
    const pki = new Pki(join(cluster.pki.folder, "virt"));
    await mkdir(pki.folder, { recursive: true });
    const own = await pki.issue("daemon", "virt-ca", { commonName: "virt-node-daemon", names: ["virt-node-daemon"] });
    await this.#program.install({
      [`${tlsFolder}/ca.crt`]: (await pki.authority("virt-ca")).certificate,
      [`${tlsFolder}/tls.crt`]: own.certificate,
      [`${tlsFolder}/tls.key`]: own.key,
    });
  }

  /** Starts the daemon and waits until it is ready; a running one stays. */
  async start(): Promise<void> {
    await this.#program.start();
  }

  /** Ends the daemon at once, like a crash, and waits until it is gone. */
  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    await this.#program.kill(signal);
  }

  /** Returns its log. */
  async log(): Promise<string> {
    return this.#program.log();
  }

  /** Runs a shell script in the node. */
  async sh(script: string): Promise<string> {
    return this.node.bundle.run(["sh", "-c", script]);
  }
}
