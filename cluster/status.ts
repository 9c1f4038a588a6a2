import type { Bundle } from "./bundle.ts";
import { cgroupProcesses } from "./cgroup.ts";
import type { Cluster, Node } from "./cluster.ts";
import { type Component, running } from "./component.ts";
import { controlPlaneComponents } from "./control-plane.ts";
import { nodeComponents } from "./node.ts";
import { findProcess, proportionalSetSize } from "./process.ts";

/** The current state of one component. */
export interface ComponentStatus {
  name: string;
  running: boolean;
  /** Proportional set size in bytes. */
  memory: number;
}

/** The output of `status -o json`. */
export interface ClusterStatus {
  name: string;
  kubeconfig: string;
  controlPlane: { running: boolean; components: ComponentStatus[] };
  nodes: NodeStatus[];
  /** Proportional set size of all components, in bytes. */
  memory: number;
}

/** One node, according to its Node object and its libvirt. */
export interface NodeStatus {
  name: string;
  running: boolean;
  ready: boolean;
  kubeletVersion?: string;
  libvirt?: { libraryVersion: string; hypervisor: string; hostUuid: string };
  components: ComponentStatus[];
}

/** Checks every part of a cluster. Parts that do not answer count as not running or not ready. */
export async function status(cluster: Cluster): Promise<ClusterStatus> {
  const nodeObjects = await nodesByName(cluster);
  const controlPlane = await components(cluster.controlPlane, controlPlaneComponents(cluster, 0));
  const nodes = await Promise.all(
    (await cluster.nodes()).map(async (node): Promise<NodeStatus> => {
      const object = nodeObjects.get(node.name);
      const libvirt = await libvirtOf(node);
      return {
        name: node.name,
        running: (await node.bundle.init()) !== undefined,
        ready: object?.status.conditions.some(({ type, status: is }) => type === "Ready" && is === "True") ?? false,
        ...(object ? { kubeletVersion: object.status.nodeInfo.kubeletVersion } : {}),
        ...(libvirt ? { libvirt } : {}),
        components: await components(node.bundle, nodeComponents(node)),
      };
    }),
  );
  const all = [...controlPlane, ...nodes.flatMap((node) => node.components)];
  return {
    name: cluster.name,
    kubeconfig: cluster.kubeconfig,
    controlPlane: { running: (await cluster.controlPlane.init()) !== undefined, components: controlPlane },
    nodes,
    memory: all.reduce((sum, { memory }) => sum + memory, 0),
  };
}

/** The components of a bundle, plus all its other processes by the name of their program. */
async function components(bundle: Bundle, wanted: readonly Component[]): Promise<ComponentStatus[]> {
  const pids = new Set(await cgroupProcesses(bundle.cgroup, { below: true }));
  const result: ComponentStatus[] = [];
  for (const component of wanted) {
    const process = await running(bundle, component);
    if (process) pids.delete(process.pid);
    result.push({
      name: component.name,
      running: process !== undefined,
      memory: process ? await proportionalSetSize(process.pid) : 0,
    });
  }
  const others = new Map<string, number>();
  for (const pid of pids) {
    const program = (await findProcess(pid))?.program.split("/").at(-1);
    if (program) others.set(program, (others.get(program) ?? 0) + (await proportionalSetSize(pid)));
  }
  for (const [name, memory] of others) result.push({ name, running: true, memory });
  return result;
}

interface NodeObject {
  metadata: { name: string };
  status: { conditions: { type: string; status: string }[]; nodeInfo: { kubeletVersion: string } };
}

async function nodesByName(cluster: Cluster): Promise<Map<string, NodeObject>> {
  const text = await cluster
    .kubectl(["get", "nodes", "--output=json", "--request-timeout=5s"])
    .catch(() => '{"items":[]}');
  const { items } = JSON.parse(text) as { items: NodeObject[] };
  return new Map(items.map((item) => [item.metadata.name, item]));
}

async function libvirtOf({ bundle }: Node): Promise<NodeStatus["libvirt"]> {
  const virsh = ["timeout", "5", "virsh", "--connect", "qemu:///system"];
  try {
    const version = await bundle.run([...virsh, "version"]);
    const capabilities = await bundle.run([...virsh, "capabilities"]);
    return {
      libraryVersion: /Using library: libvirt (\S+)/.exec(version)?.[1] ?? "",
      hypervisor: /Running hypervisor: (.*)/.exec(version)?.[1] ?? "",
      hostUuid: /<uuid>(.*)<\/uuid>/.exec(capabilities)?.[1] ?? "",
    };
  } catch {
    return undefined;
  }
}
