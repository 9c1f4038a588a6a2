import type { ClusterStatus, ComponentStatus } from "./status.ts";

const mebibytes = (bytes: number): string => `${(bytes / 1024 ** 2).toFixed(1)} MiB`;

/** A cluster's status as text for people: a block for each machine, a line for each component. */
export function statusTable({ name, controlPlane, nodes, memory }: ClusterStatus): string {
  if (!controlPlane.running && nodes.length === 0) return `Cluster ${name} is not there.\n`;
  const blocks = [
    [`control-plane: ${controlPlane.running ? "running" : "not running"}`, ...controlPlane.components.map(line)],
    ...nodes.map((node) => {
      const versions = [
        node.kubeletVersion && `kubelet ${node.kubeletVersion}`,
        node.libvirt
          ? `libvirt ${node.libvirt.libraryVersion}, host uuid ${node.libvirt.hostUuid}`
          : "libvirt does not answer",
      ];
      const state = node.running ? (node.ready ? "Ready" : "NotReady") : "not running";
      return [`${node.name}: ${[state, ...versions].filter(Boolean).join(", ")}`, ...node.components.map(line)];
    }),
    [`Memory in all (proportional set size): ${mebibytes(memory)}`],
  ];
  return `${blocks.map((block) => block.join("\n")).join("\n")}\n`;
}

function line({ name, running, memory }: ComponentStatus): string {
  return `  ${name.padEnd(28)}${running ? mebibytes(memory).padStart(11) : "not running"}`;
}
