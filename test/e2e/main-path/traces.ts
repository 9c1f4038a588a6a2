import { eventually, nodes, noPodIsEnding } from "../cluster.ts";

/** Commands that list everything that a machine could leave on a node. */
const commands = {
  folders: "ls /var/lib/kubevirt-node",
  domains: "virsh --connect qemu:///system list --all --name",
  processes: "ps -eo comm= | grep -E '^(qemu|hold|dnsmasq|udhcpd|containerd-shim|swtpm|passt|virtiofsd)' | sort",
  cgroups: "find /sys/fs/cgroup/*/kubepods -type d -name 'pod*' | sort",
  links: "ls /sys/class/net",
  mounts: "grep -oE '/(var/lib/kubevirt-node|var/lib/kubelet/pods|run/netns)/[^ ]*' /proc/1/mountinfo | sort",
};

/** Lists all traces of virtual machines on the nodes now, by node. */
export async function traces(): Promise<Record<string, Record<string, string[]>>> {
  const found = nodes.map(async ({ name, bundle }) => {
    const lists = Object.entries(commands).map(async ([what, command]) => {
      const text = await bundle.run(["sh", "-c", `${command} || true`]);
      return [what, text.split("\n").filter(Boolean)] as const;
    });
    return [name, Object.fromEntries(await Promise.all(lists))] as const;
  });
  return Object.fromEntries(await Promise.all(found));
}

/** Lists the traces after no Pod is ending any more: a Pod's cgroups stay for a while after its end. */
export async function settledTraces(): Promise<ReturnType<typeof traces>> {
  return eventually(async () => {
    const found = await traces();
    await noPodIsEnding(
      Object.values(found)
        .flatMap(({ cgroups = [] }) => cgroups)
        .join("\n"),
    );
    return found;
  });
}
