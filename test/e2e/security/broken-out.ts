import type { DaemonOnNode } from "../node-daemon/daemon-on-node.ts";
import type { Machines } from "../storage/machines.ts";

/** The parts of a machine on its node, which an attacker would try to reach. */
export interface Whereabouts {
  readonly name: string;
  readonly domain: string;
  readonly pid: number;
  readonly user: number;
  /** The state folder. */
  readonly folder: string;
  /** The storage folder of its Filesystem claim. */
  readonly stored: string;
  readonly ip: string;
  /** A process of its placeholder's container. */
  readonly hold: number;
  /** The folder of its placeholder's container below a cgroup hierarchy. */
  readonly cgroup: string;
}

/** Finds the parts of a machine. */
export async function whereaboutsOf(machines: Machines, name: string): Promise<Whereabouts> {
  const { daemon, namespace } = machines;
  const { metadata, status } = await machines.read(name);
  const domain = `${namespace.name}_${name}`;
  const pid = Number(await daemon.sh(`cat /run/libvirt/qemu/${domain}.pid`));
  const cgroup = `/sys/fs/cgroup/memory${await daemon.sh(`sed -n s/^.*:memory://p /proc/${pid}/cgroup`)}`;
  const others = await daemon.sh(`grep -vx ${pid} ${cgroup}/cgroup.procs`);
  return {
    name,
    domain,
    pid,
    user: Number(await daemon.sh(`stat -c %u /proc/${pid}`)),
    folder: `/var/lib/kubevirt-node/${metadata.uid}`,
    stored: await daemon.sh(`ls -d /var/lib/local-path/*_${namespace.name}_${name}-files/disk.img`),
    ip: status?.interfaces?.[0]?.ipAddress ?? "",
    hold: Number(others.split("\n")[0]),
    cgroup,
  };
}

/** The result of an attempt. */
export interface Attempt {
  readonly succeeded: boolean;
  /** Its whole output. */
  readonly said: string;
}

/**
 * Runs a shell script like a guest that has taken over its QEMU: with QEMU's user, groups, privileges, mounts, network
 * and cgroups. The script can do more than such a guest: QEMU's system call filter lets a guest start no program.
 */
export async function attempt(daemon: DaemonOnNode, { pid, user }: Whereabouts, script: string): Promise<Attempt> {
  const identity = `--reuid=${user} --regid=${user} --clear-groups`;
  const privileges = "--no-new-privs --inh-caps=-all --bounding-set=-all";
  const joins = `sed -n 's/^[0-9]*:\\(name=\\)\\{0,1\\}\\([a-z]*\\):\\(.*\\)$/\\2 \\3/p' /proc/${pid}/cgroup |
    while read -r hierarchy path; do echo $$ > /sys/fs/cgroup/$hierarchy$path/cgroup.procs; done`;
  const inside = ["nsenter", "--target", String(pid), "--mount", "--net", "--", "sh", "-c"];
  const become = `exec setpriv ${identity} ${privileges} sh -c "$1" 2>&1`;
  const bundle = daemon.node.bundle;
  try {
    const said = await bundle.run(["sh", "-c", `${joins}; exec "$@"`, "sh", ...inside, become, "sh", script]);
    return { succeeded: true, said };
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    if (stdout === undefined) throw error;
    return { succeeded: false, said: `${stdout}${stderr}` };
  }
}
