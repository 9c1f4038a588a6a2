import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { BundleSpec } from "./bundle.ts";
import type { Cluster, Node } from "./cluster.ts";
import { type Component, lessCollecting, start, succeeds } from "./component.ts";
import { bundlePaths } from "./control-plane.ts";
import { addresses, apiServerPort, link } from "./fabric.ts";
import { kubeconfig } from "./kubeconfig.ts";
import { nodeFiles } from "./node-files.ts";
import type { Step } from "./progress.ts";

const program = (name: string): string => `${bundlePaths.programs}/${name}`;

/** Starts a node's machine and links it to the cluster's network. Keeps existing ones. */
export async function startMachine(cluster: Cluster, node: Node, spec: BundleSpec): Promise<void> {
  await node.bundle.start(spec);
  await link(cluster.controlPlane, node);
  await writeFiles(cluster, node);
}

/** Starts libvirt, and the programs for pods that do not need the API server. */
export async function startRuntimes(node: Node, step: Step): Promise<void> {
  await startAll(node, runtimes, step);
}

/** Starts the programs that need the API server. */
export async function startAgents(node: Node, step: Step): Promise<void> {
  await startAll(node, agents(node), step);
}

async function startAll({ name, bundle }: Node, components: readonly Component[], step: Step): Promise<void> {
  await Promise.all(
    components.map((component) => step.step(`${name}: ${component.name}`, () => start(bundle, component))),
  );
}

const containerd: Component = {
  name: "containerd",
  program: program("containerd"),
  args: [],
  ready: (bundle) => succeeds(bundle, [program("ctr"), "version"]),
};

const virtlogd: Component = {
  name: "virtlogd",
  program: "/usr/sbin/virtlogd",
  args: [],
  ready: (bundle) => succeeds(bundle, ["test", "-S", "/run/libvirt/virtlogd-sock"]),
};

const libvirtd: Component = {
  name: "libvirtd",
  program: "/usr/sbin/libvirtd",
  args: ["--listen"],
  ready: (bundle) => succeeds(bundle, ["virsh", "--connect", "qemu:///system", "version"]),
};

const kubeProxy: Component = {
  name: "kube-proxy",
  program: program("kube-proxy"),
  env: lessCollecting,
  args: ["--config=/etc/kubernetes/kube-proxy.yaml"],
  ready: (bundle) => succeeds(bundle, ["curl", "--silent", "--fail", "http://127.0.0.1:10256/livez"]),
};

const kubelet = (node: Node): Component => ({
  name: "kubelet",
  program: program("kubelet"),
  env: lessCollecting,
  args: [
    "--config=/etc/kubernetes/kubelet.yaml",
    "--kubeconfig=/etc/kubernetes/kubelet.kubeconfig",
    `--node-ip=${addresses.node(node)}`,
  ],
  // Being healthy is not enough: exec and logs need the kubelet's server, which answers 401 without a certificate.
  ready: async (bundle) =>
    (await succeeds(bundle, ["curl", "--silent", "--fail", "http://127.0.0.1:10248/healthz"])) &&
    (await succeeds(bundle, ["curl", "--silent", "--insecure", "https://127.0.0.1:10250/healthz"])),
});

const runtimes: readonly Component[] = [containerd, virtlogd, libvirtd];
const agents = (node: Node): Component[] => [kubelet(node), kubeProxy];

/** A node's components. */
export function nodeComponents(node: Node): Component[] {
  return [...runtimes, ...agents(node)];
}

async function writeFiles(cluster: Cluster, node: Node): Promise<void> {
  const { pki } = cluster;
  const ca = await pki.authority("ca");
  const kubeletPair = await pki.issue(node.name, "ca", {
    commonName: `system:node:${node.name}`,
    organization: "system:nodes",
    names: [node.name, addresses.node(node)],
  });
  const proxyPair = await pki.issue("kube-proxy", "ca", { commonName: "system:kube-proxy" });
  const server = `https://${addresses.controlPlane}:${apiServerPort}`;
  const files: Record<string, string> = {
    ...nodeFiles(cluster.name, node),
    "/etc/kubernetes/ca.crt": ca.certificate,
    "/etc/kubernetes/kubelet.crt": kubeletPair.certificate,
    "/etc/kubernetes/kubelet.key": kubeletPair.key,
    "/etc/kubernetes/kubelet.kubeconfig": kubeconfig(cluster.name, server, ca, kubeletPair),
    "/etc/kubernetes/kube-proxy.kubeconfig": kubeconfig(cluster.name, server, ca, proxyPair),
  };
  const root = await node.bundle.rootFolder();
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(root + path), { recursive: true });
    if ((await readFile(root + path, "utf8").catch(() => undefined)) !== text) {
      await writeFile(root + path, text, { mode: path.endsWith(".key") || path.endsWith("config") ? 0o600 : 0o644 });
    }
  }
}
