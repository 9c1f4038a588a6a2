import type { QemuUser } from "./qemu-user.ts";

/** How the kernel holds a process back. */
export interface Confinement {
  /** Real, effective, saved and of files. */
  readonly users: readonly number[];
  /** The same, and the supplementary ones. */
  readonly groups: readonly number[];
  /** Whether it has capabilities of any kind; those that no program of it could get any more are not counted. */
  readonly capable: boolean;
  /** Whether no program that it starts can give it more. */
  readonly noNewPrivileges: boolean;
  /** Whether a filter decides on its system calls. */
  readonly seccomp: boolean;
  /** Whether its mounts are others than the node's, and with them its devices. */
  readonly ownMounts: boolean;
}

/** Reads a process's `status` (proc_pid_status(5)). */
export function parseStatus(text: string): Omit<Confinement, "ownMounts"> {
  const field = (name: string): string[] =>
    new RegExp(`^${name}:[ \\t]*(.*)$`, "m").exec(text)?.[1]?.split(/\s+/).filter(Boolean) ?? [];
  const sets = ["CapInh", "CapPrm", "CapEff", "CapAmb"];
  return {
    users: field("Uid").map(Number),
    groups: [...field("Gid"), ...field("Groups")].map(Number),
    capable: !sets.every((name) => /^0+$/.test(field(name).join(" "))),
    noNewPrivileges: field("NoNewPrivs")[0] === "1",
    seccomp: field("Seccomp")[0] === "2",
  };
}

/** What a QEMU lacks that would hold back a guest that has taken it over, and what helps; undefined when it lacks nothing. */
export function lackOf(found: Confinement, { user, group }: QemuUser): string | undefined {
  if (found.users.length === 0 || found.users.some((one) => one !== user)) {
    return `it runs as user ${found.users.join(", ")} and not as ${user}: libvirt's security driver "dac" is needed`;
  }
  if (found.groups.length === 0 || found.groups.some((one) => one !== group)) {
    return `it is in groups ${found.groups.join(", ")} and not in ${group} alone: user ${user} is to have no others`;
  }
  if (found.capable) return `it has capabilities: ${inQemuConf("clear_emulator_capabilities = 1")}`;
  if (!found.seccomp || !found.noNewPrivileges) {
    return `no filter decides on its system calls: ${inQemuConf("seccomp_sandbox = 1")}`;
  }
  if (!found.ownMounts) return `it sees all devices of the node: ${inQemuConf('namespaces = [ "mount" ]')}`;
  return undefined;
}

function inQemuConf(setting: string): string {
  return `set ${setting} in /etc/libvirt/qemu.conf and start libvirt anew`;
}
