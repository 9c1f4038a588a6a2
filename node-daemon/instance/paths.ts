import { join } from "node:path";
import type { VirtualMachineInstance } from "../../api/resources.ts";

/** Files and folders of one instance. */
export interface InstancePaths {
  readonly folder: string;
  /** What the instance was made from. */
  readonly instance: string;
  /** There once the guest has run. */
  readonly started: string;
  /** Since when the guest has its grace period, once it is to end. */
  readonly stopping: string;
  /** How it ended, once it has. */
  readonly ended: string;
  /** Until when the guest's file systems are frozen, while they are. */
  readonly frozen: string;
  /** What the pod's devices had that a bridged guest takes over. */
  readonly links: string;
  readonly disks: string;
  /** What of the disks grows, and the kernel: the folder of the placeholder's emptyDir is shown there. */
  readonly ephemeral: string;
  readonly cloudInit: string;
  readonly sockets: string;
  readonly console: string;
  readonly serialSocket: string;
  readonly vncSocket: string;
  readonly agentSocket: string;
  readonly consoleLog: string;
  /** UEFI's variables. */
  readonly variables: string;
  /** The guest's kernel and initial RAM disk, where it starts without a boot loader. */
  readonly kernel: string;
  readonly initrd: string;
}

/** The longest path of a unix socket, its final zero not counted. */
const longestSocketPath = 107;

/** Where logs of instances that are gone are kept; hidden, since it is no instance's folder. */
export function previousLogs(stateFolder: string): string {
  return join(stateFolder, ".previous-logs");
}

/** The log of the instance before this one of the same machine; an instance without a machine has none before it. */
export function previousLog(
  stateFolder: string,
  instance: Pick<VirtualMachineInstance, "metadata">,
): string | undefined {
  const { namespace = "", ownerReferences } = instance.metadata;
  const machine = ownerReferences?.find(({ controller }) => controller === true);
  if (machine?.kind !== "VirtualMachine" || !uidPattern.test(machine.uid)) return undefined;
  // Whoever makes an instance may name any machine as its owner, but is not to read what those of others said.
  return join(previousLogs(stateFolder), `${namespace}_${machine.uid}.log`);
}

/** The folder of an instance in which its sockets are; its owner is as whom QEMU runs. */
export const socketsFolder = "sockets";

/** What uids of instances, and so the names of their folders, look like. */
export const uidPattern = /^[0-9a-zA-Z-]+$/;

/** The paths of an instance; throws when sockets there could not be bound. */
export function instancePaths(stateFolder: string, uid: string): InstancePaths {
  if (!uidPattern.test(uid)) throw new Error(`instance uid "${uid}" is no name of a folder`);
  const folder = join(stateFolder, uid);
  const sockets = join(folder, socketsFolder);
  const serialSocket = join(sockets, "serial0.sock");
  if (Buffer.byteLength(serialSocket) > longestSocketPath) {
    throw new Error(`state folder "${stateFolder}" is too long for the paths of sockets`);
  }
  const consoleFolder = join(folder, "console");
  const disks = join(folder, "disks");
  const ephemeral = join(disks, "ephemeral");
  return {
    folder,
    instance: join(folder, "vmi.json"),
    started: join(folder, "started"),
    stopping: join(folder, "stopping.json"),
    ended: join(folder, "ended.json"),
    frozen: join(folder, "frozen.json"),
    links: join(folder, "links.json"),
    disks,
    ephemeral,
    cloudInit: join(folder, "cloud-init"),
    sockets,
    console: consoleFolder,
    serialSocket,
    vncSocket: join(sockets, "vnc.sock"),
    agentSocket: join(sockets, "agent.sock"),
    consoleLog: join(consoleFolder, "serial0.log"),
    variables: join(folder, "uefi-variables.fd"),
    kernel: join(ephemeral, "kernel"),
    initrd: join(ephemeral, "initrd"),
  };
}
