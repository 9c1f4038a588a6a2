import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Cluster, Node } from "../../../cluster/cluster.ts";
import { type SourceProgram, sourceDaemon, tlsFolder, type Variant } from "../../../cluster/dev/source-program.ts";
import { endAllInstalled } from "../../../cluster/installed.ts";
import { Pki } from "../../../cluster/pki.ts";

const manifests = ["namespace.yaml", "daemon-guard.yaml", "program-roles.yaml", "crds"].map(
  (name) => `--filename=deploy/manifests/${name}`,
);

/** The node daemon without a controller, run from the source tree in a node. */
export class DaemonOnNode {
  readonly node: Node;
  readonly #program: SourceProgram;

  constructor(cluster: Cluster, node: Node, variant: Variant = {}) {
    this.node = node;
    this.#program = sourceDaemon(cluster, node, "debug", variant);
  }

  /** Brings program and files into the node, and into the cluster what it needs there; what is installed steps aside. */
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

  /** Starts it and waits until it is ready; one that runs stays. */
  async start(): Promise<void> {
    await this.#program.start();
  }

  /** Ends it at once, as a crash would, and waits until it is gone. */
  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    await this.#program.kill(signal);
  }

  /** What it has logged. */
  async log(): Promise<string> {
    return this.#program.log();
  }

  /** Runs a shell script in the node. */
  async sh(script: string): Promise<string> {
    return this.node.bundle.run(["sh", "-c", script]);
  }
}
