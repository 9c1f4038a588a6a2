import { execa } from "execa";
import type { Bundle } from "./bundle.ts";
import type { Node } from "./cluster.ts";

/** Addresses of a cluster. They are in its own namespaces, so all clusters may use the same ones. */
export const addresses = {
  /** The control plane, and the gateway of the nodes. */
  controlPlane: "10.123.0.1",
  /** The range of all pods' addresses. Each node has a /24 of it. */
  pods: "10.244.0.0/16",
  services: "10.96.0.0/16",
  /** The Service `kubernetes`. */
  kubernetesService: "10.96.0.1",
  dnsService: "10.96.0.10",
  node: ({ number }: Node): string => `10.123.0.${10 + number}`,
  podsOfNode: ({ number }: Node): string => `10.244.${number}.0/24`,
} as const;

export const apiServerPort = 6443;

/** Sets up the nodes' bridge in the control plane's network namespace. */
export async function makeBridge(controlPlane: Bundle): Promise<void> {
  await controlPlane.run([
    "sh",
    "-ec",
    `ip link show fabric >/dev/null 2>&1 || ip link add fabric type bridge
     ip address replace ${addresses.controlPlane}/24 dev fabric
     ip link set fabric up`,
  ]);
}

/**
 * Links a node to the bridge, with a default route to the control plane. The link is a pair with one end in each
 * namespace. It is made there, and never appears in the machine's own network.
 */
export async function link(controlPlane: Bundle, node: Node): Promise<void> {
  const script = `
    if ! ip link show eth0 >/dev/null 2>&1; then
      ip link add eth0 type veth peer name ${node.name} netns 1
      ip address add ${addresses.node(node)}/24 dev eth0
    fi
    ip link set eth0 up
    ip route replace default via ${addresses.controlPlane}`;
  // In the control plane's PID namespace, so that PID 1 names the target of the other end.
  const [file, ...args] = await controlPlane.enter(["sh", "-ec", script], { network: node.bundle });
  await execa(file, args);
}

/** Routes all nodes' pods: in the control plane, and in each node those of the other nodes. */
export async function routePods(controlPlane: Bundle, nodes: readonly Node[]): Promise<void> {
  const routes = (others: readonly Node[]): string =>
    others.map((node) => `ip route replace ${addresses.podsOfNode(node)} via ${addresses.node(node)}`).join("\n");
  await controlPlane.run([
    "sh",
    "-ec",
    `${nodes.map(({ name }) => `ip link set ${name} master fabric up`).join("\n")}\n${routes(nodes)}`,
  ]);
  for (const node of nodes) {
    await node.bundle.run(["sh", "-ec", routes(nodes.filter((other) => other !== node)) || ":"]);
  }
}
