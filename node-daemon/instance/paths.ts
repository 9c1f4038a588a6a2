import { join } from "node:path";
import type { VirtualMachineInstance } from "../../api/resources.ts";

/** The files and folders of one instance. */
export interface InstancePaths {
  readonly folder: string;
  /** The instance object, as stored by `makeFolder`. */
  readonly instance: string;
  /** Exists once the guest has run. */
  readonly started: string;
  /** The start of the guest's grace period, once the guest must end. */
  readonly stopping: string;
  /** How the instance ended, once it has. */
  readonly ended: string;
  /** The freeze note, while the guest's file systems are frozen. */
  readonly frozen: string;
  /** The addresses and routes of the pod's devices that a bridged guest takes over. */
  readonly links: string;
  readonly disks: string;
  /** The mount point of a folder in the placeholder's emptyDir, for the growing disk images and the kernel. */
  readonly ephemeral: string;
  readonly cloudInit: string;
  readonly sockets: string;
  readonly console: string;
  readonly serialSocket: string;
  readonly vncSocket: string;
  readonly agentSocket: string;
  readonly consoleLog: string;
  /** The UEFI variables. */
  readonly variables: string;
  /** The guest's kernel and initial RAM disk, if it boots without a boot loader. */
  readonly kernel: string;
  readonly initrd: string;
}

/** The longest path of a Unix socket in bytes, without its final zero. */
const longestSocketPath = 107;

/** The folder for logs of removed instances. Hidden, because it is not an instance's folder. */
export function previousLogs(stateFolder: string): string {
  return join(stateFolder, ".previous-logs");
}

/** The log of the same machine's previous instance; undefined for an instance without a machine. */
export function previousLog(
  stateFolder: string,
  instance: Pick<VirtualMachineInstance, "metadata">,
): string | undefined {
  const { namespace = "", ownerReferences } = instance.metadata;
  const machine = ownerReferences?.find(({ controller }) => controller === true);
  if (machine?.kind !== "VirtualMachine" || !uidPattern.test(machine.uid)) return undefined;
  // The namespace: an instance's author may claim any owner, but must not read logs of another namespace.
  return join(previousLogs(stateFolder), `${namespace}_${machine.uid}.log`);
}

/** The instance's folder for its sockets. Its owner is the user as which QEMU runs. */
export const socketsFolder = "sockets";

/** The pattern of instances' uids, which are also the names of their folders. */
export const uidPattern = /^[0-9a-zA-Z-]+$/;

/** The paths of an instance. Throws when the paths are too long for sockets. */
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
