import type { QemuUser } from "./qemu-user.ts";

/** The kernel's restrictions of a process. */
export interface Confinement {
  /** The real, effective, saved and file system user. */
  readonly users: readonly number[];
  /** The same groups, plus the supplementary groups. */
  readonly groups: readonly number[];
  /** Whether it has any capabilities. Those that no program of the process could gain any more do not count. */
  readonly capable: boolean;
  /** Whether programs that it starts can gain no privileges. */
  readonly noNewPrivileges: boolean;
  /** Whether a seccomp filter checks its system calls. */
  readonly seccomp: boolean;
  /** Whether it has its own mounts, and so its own devices, instead of the node's. */
  readonly ownMounts: boolean;
}

/** Parses a process's `status` (proc_pid_status(5)). */
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

/** The confinement that QEMU lacks against a guest that takes it over, and the remedy; undefined if none is missing. */
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
