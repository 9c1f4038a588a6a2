import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Cluster, Node } from "../../cluster/cluster.ts";
import { type Component, logFile, running, start, until } from "../../cluster/component.ts";
import { addresses, apiServerPort } from "../../cluster/fabric.ts";
import { kubeconfig } from "../../cluster/kubeconfig.ts";
import { Pki } from "../../cluster/pki.ts";

const main = fileURLToPath(new URL("../../../node-daemon/main.ts", import.meta.url));

/** The node daemon, run from the source tree in a node of a local cluster. */
export class DaemonOnNode {
  readonly cluster: Cluster;
  readonly node: Node;

  constructor(cluster: Cluster, node: Node) {
    this.cluster = cluster;
    this.node = node;
  }

  get component(): Component {
    return {
      name: "virt-node-daemon",
      program: "/opt/virt/node",
      args: [
        "/opt/virt/node-daemon.mjs",
        `--node=${this.node.name}`,
        "--kubeconfig=/opt/virt/kubeconfig",
        "--tls-folder=/opt/virt/tls",
        "--log-level=debug",
      ],
      ready: async (bundle) => {
        const url = "https://127.0.0.1:8187/readyz";
        return bundle.run(["curl", "--silent", "--fail", "--insecure", url]).then(
          () => true,
          () => false,
        );
      },
    };
  }

  /** Brings program and files into the node. */
  async install(): Promise<void> {
    const { cluster, node } = this;
    const folder = join(await node.bundle.rootFolder(), "opt/virt");
    await mkdir(join(folder, "tls"), { recursive: true });
    await build({
      entryPoints: [main],
      outfile: join(folder, "node-daemon.mjs"),
      bundle: true,
      platform: "node",
      format: "esm",
      target: "node24",
      sourcemap: "inline",
      sourcesContent: false,
      logLevel: "error",
      banner: {
        js: 'import { createRequire } from "node:module"; import { fileURLToPath as filenameOf } from "node:url"; import { dirname as folderOf } from "node:path"; const require = createRequire(import.meta.url), __filename = filenameOf(import.meta.url), __dirname = folderOf(__filename);',
      },
    });
    const nodeProgram = join(dirname(createRequire(import.meta.url).resolve("node/package.json")), "bin/node");
    await copyFile(nodeProgram, join(folder, "node")).catch((error: NodeJS.ErrnoException) => {
      // It runs: then it is there.
      if (error.code !== "ETXTBSY") throw error;
    });
    const ca = await cluster.pki.authority("ca");
    const admin = await cluster.pki.issue("daemon-admin", "ca", {
      commonName: "admin",
      organization: "system:masters",
    });
    const server = `https://${addresses.controlPlane}:${apiServerPort}`;
    await writeFile(join(folder, "kubeconfig"), kubeconfig(cluster.name, server, ca, admin));
    const pki = new Pki(join(cluster.pki.folder, "virt"));
    await mkdir(pki.folder, { recursive: true });
    const own = await pki.issue("daemon", "virt-ca", { commonName: "virt-node-daemon", names: ["virt-node-daemon"] });
    await writeFile(join(folder, "tls/ca.crt"), (await pki.authority("virt-ca")).certificate);
    await writeFile(join(folder, "tls/tls.crt"), own.certificate);
    await writeFile(join(folder, "tls/tls.key"), own.key, { mode: 0o600 });
  }

  /** Starts it and waits until it is ready; one that runs stays. */
  async start(): Promise<void> {
    await start(this.node.bundle, this.component);
  }

  /** Ends it at once, as a crash would, and waits until it is gone. */
  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const found = await running(this.node.bundle, this.component);
    if (found) process.kill(found.pid, signal);
    await until(async () => (await running(this.node.bundle, this.component)) === undefined, 20_000);
  }

  /** What it has logged. */
  async log(): Promise<string> {
    return readFile(logFile(this.node.bundle, "virt-node-daemon"), "utf8");
  }

  /** Runs a shell script in the node. */
  async sh(script: string): Promise<string> {
    return this.node.bundle.run(["sh", "-c", script]);
  }
}
