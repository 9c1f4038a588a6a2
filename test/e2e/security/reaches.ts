import type { Whereabouts } from "./broken-out.ts";

/** A target of a guest that has taken over its QEMU. */
export interface Reach {
  readonly what: string;
  /** The shell script that tries to reach this target of a machine. */
  readonly script: (of: Whereabouts) => string;
  /** The expected error. */
  readonly refusal: RegExp;
  /** Whether a machine can reach its own target; this proves that the script works. */
  readonly own?: boolean;
}

const denied = /Permission denied/;
const notPermitted = /Operation not permitted|No such process/;
const gone = /No such file or directory/;

const read = (file: string): string => `head -c 1 ${file}`;
const dial = (socket: string): string => `socat -u OPEN:/dev/null UNIX-CONNECT:${socket}`;
const call = (number: number, ...args: readonly (number | string)[]): string =>
  `perl -e 'syscall(${[number, ...args].join(", ")}) >= 0 or die "$!\\n"'`;

/** Numbers of system calls on x86-64. */
const [ptrace, kill, socket] = [101, 62, 41] as const;
const seize = 0x42_06;

/** Targets that belong to a machine. */
export const ofMachine: readonly Reach[] = [
  { what: "folder's list", script: ({ folder }) => `ls ${folder}`, refusal: denied },
  { what: "disk", script: ({ folder }) => read(`${folder}/disks/ephemeral/root.qcow2`), refusal: denied, own: true },
  { what: "image", script: ({ folder }) => read(`${folder}/disks/root.base.qcow2`), refusal: denied, own: true },
  {
    what: "empty disk",
    script: ({ folder }) => read(`${folder}/disks/ephemeral/scratch.qcow2`),
    refusal: denied,
    own: true,
  },
  { what: "claim", script: ({ folder }) => read(`${folder}/disks/files.claim.raw`), refusal: denied, own: true },
  {
    what: "claim, to write",
    script: ({ folder }) => `: >> ${folder}/disks/files.claim.raw`,
    refusal: denied,
    own: true,
  },
  { what: "claim, where it is stored", script: ({ stored }) => read(stored), refusal: denied },
  { what: "claim, stored, to write", script: ({ stored }) => `: >> ${stored}`, refusal: denied },
  {
    what: "block device",
    script: ({ folder }) => read(`${folder}/disks/block.claim.raw`),
    refusal: denied,
    own: true,
  },
  { what: "user data", script: ({ folder }) => read(`${folder}/cloud-init/seed.iso`), refusal: denied, own: true },
  { what: "console's log", script: ({ folder }) => read(`${folder}/console/serial0.log`), refusal: denied },
  { what: "spec", script: ({ folder }) => read(`${folder}/vmi.json`), refusal: denied },
  { what: "libvirt's log of it", script: ({ domain }) => read(`/var/log/libvirt/qemu/${domain}.log`), refusal: denied },
  { what: "domain's definition", script: ({ domain }) => read(`/etc/libvirt/qemu/${domain}.xml`), refusal: denied },
  { what: "domain's state", script: ({ domain }) => read(`/run/libvirt/qemu/${domain}.xml`), refusal: denied },
  {
    what: "serial console",
    script: ({ folder }) => dial(`${folder}/sockets/serial0.sock`),
    refusal: denied,
    own: true,
  },
  { what: "screen", script: ({ folder }) => dial(`${folder}/sockets/vnc.sock`), refusal: denied, own: true },
  { what: "agent", script: ({ folder }) => dial(`${folder}/sockets/agent.sock`), refusal: denied, own: true },
  {
    what: "QEMU's monitor",
    script: ({ domain }) => dial(`$(echo /var/lib/libvirt/qemu/domain-*-${domain})/monitor.sock`),
    refusal: /Permission denied|No such file/,
  },
  { what: "QEMU's environment", script: ({ pid }) => read(`/proc/${pid}/environ`), refusal: denied, own: true },
  { what: "QEMU's memory map", script: ({ pid }) => read(`/proc/${pid}/maps`), refusal: denied, own: true },
  { what: "QEMU's memory", script: ({ pid }) => `: < /proc/${pid}/mem`, refusal: denied, own: true },
  { what: "QEMU's files", script: ({ pid }) => `ls /proc/${pid}/fd`, refusal: denied, own: true },
  { what: "QEMU's root", script: ({ pid }) => `ls /proc/${pid}/root/`, refusal: denied, own: true },
  { what: "QEMU, to trace", script: ({ pid }) => call(ptrace, seize, pid, 0, 0), refusal: notPermitted, own: true },
  { what: "QEMU, by a signal", script: ({ pid }) => call(kill, pid, 0), refusal: notPermitted, own: true },
  { what: "placeholder, by a signal", script: ({ hold }) => call(kill, hold, 10), refusal: notPermitted },
  { what: "placeholder's root", script: ({ hold }) => `ls /proc/${hold}/root/`, refusal: denied },
  { what: "cgroup", script: ({ cgroup }) => `echo 0 > ${cgroup}/cgroup.procs`, refusal: denied },
  {
    what: "network",
    script: ({ ip }) => `curl --silent --show-error --max-time 1 http://${ip}/`,
    refusal: /timed out/,
  },
];

/** Processes of the node. */
export interface NodeProcesses {
  readonly daemon: number;
  readonly kubelet: number;
}

/** Targets that belong to the node. */
export const ofNode: readonly {
  readonly what: string;
  readonly script: string | ((processes: NodeProcesses) => string);
  readonly refusal: RegExp;
}[] = [
  { what: "libvirt", script: dial("/run/libvirt/libvirt-sock"), refusal: denied },
  { what: "libvirt, to read", script: dial("/run/libvirt/libvirt-sock-ro"), refusal: denied },
  { what: "virtlogd", script: dial("/run/libvirt/virtlogd-sock"), refusal: denied },
  { what: "containerd", script: dial("/run/containerd/containerd.sock"), refusal: denied },
  { what: "the volumes of pods", script: "ls /var/lib/kubelet/pods", refusal: denied },
  { what: "the files of containers", script: "ls /var/lib/containerd", refusal: denied },
  { what: "the kubelet's key", script: read("/etc/kubernetes/kubelet.key"), refusal: denied },
  { what: "the kubelet's credentials", script: read("/etc/kubernetes/kubelet.kubeconfig"), refusal: denied },
  { what: "the daemon's credentials", script: read("/opt/virt/kubeconfig"), refusal: denied },
  { what: "the names of machines", script: "ls /var/lib/kubevirt-node", refusal: denied },
  { what: "the daemon's environment", script: ({ daemon }) => read(`/proc/${daemon}/environ`), refusal: denied },
  { what: "the daemon's memory", script: ({ daemon }) => `: < /proc/${daemon}/mem`, refusal: denied },
  { what: "the daemon's files", script: ({ daemon }) => `ls /proc/${daemon}/fd`, refusal: denied },
  { what: "the daemon, to trace", script: ({ daemon }) => call(ptrace, seize, daemon, 0, 0), refusal: notPermitted },
  { what: "the daemon, by a signal", script: ({ daemon }) => call(kill, daemon, 0), refusal: notPermitted },
  { what: "the kubelet's environment", script: ({ kubelet }) => read(`/proc/${kubelet}/environ`), refusal: denied },
  { what: "the kubelet, by a signal", script: ({ kubelet }) => call(kill, kubelet, 0), refusal: notPermitted },
  { what: "the node's root, by process 1", script: "ls /proc/1/root/", refusal: denied },
  { what: "a device of the node", script: read("/dev/loop0"), refusal: gone },
  { what: "/dev/kvm, where guests are emulated", script: read("/dev/kvm"), refusal: gone },
  { what: "a device that it makes", script: "mknod /tmp/loop-of-mine b 7 0", refusal: notPermitted },
  {
    what: "a mount that it makes",
    script: "mount -t tmpfs tmpfs /tmp",
    refusal: /must be superuser|denied|not permitted/,
  },
  { what: "a raw socket", script: call(socket, 2, 3, 1), refusal: notPermitted },
  { what: "a packet socket", script: call(socket, 17, 3, 768), refusal: notPermitted },
  { what: "another user", script: "setpriv --reuid=107 true", refusal: notPermitted },
  {
    what: "a program's own privileges",
    script: "/usr/bin/mount --bind /tmp /tmp",
    refusal: /superuser|denied|not permitted/,
  },
];
