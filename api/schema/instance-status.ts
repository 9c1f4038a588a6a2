import { z } from "zod";
import { guestBounds } from "../contract/guest-bounds.ts";
import { phases } from "../status/phases.ts";
import { condition } from "./condition.ts";
import { boolean, choice, integer, list, listBy, quantity, report, text, time } from "./field.ts";

/** Text that comes from the guest. */
function guestText(description: string) {
  return text(description, guestBounds.text);
}

/** An address that comes from the guest. */
function guestAddress(description: string) {
  return text(description, guestBounds.address);
}

const instanceInterface = report(
  {
    name: text("The network's name.").optional(),
    ipAddress: guestAddress("The first address.").optional(),
    ipAddresses: list(guestAddress("An address."), "All addresses.", guestBounds.addresses).optional(),
    mac: guestAddress("The hardware address.").optional(),
    interfaceName: guestText("What the guest calls it.").optional(),
    podInterfaceName: text("What the pod calls it.").optional(),
    infoSource: text("Where this is known from: domain, guest-agent.").optional(),
    queueCount: integer("How many queues it has.").optional(),
    linkState: text("Whether the cable is in: up, down.").optional(),
  },
  "A network card and its addresses.",
);
export type InstanceInterface = z.infer<typeof instanceInterface>;

const guestOsInfo = report(
  {
    id: guestText("Its short name, such as debian.").optional(),
    name: guestText("Its name.").optional(),
    prettyName: guestText("Its name with its version.").optional(),
    version: guestText("Its version.").optional(),
    versionId: guestText("Its version in short.").optional(),
    kernelRelease: guestText("Its kernel's release.").optional(),
    kernelVersion: guestText("Its kernel's version.").optional(),
    machine: guestText("The processor that it is made for.").optional(),
  },
  "What the guest agent says about the guest's system.",
);
export type GuestOsInfo = z.infer<typeof guestOsInfo>;

const claimInfo = report(
  {
    claimName: text("The claim's name.").optional(),
    accessModes: list(text("A mode."), "How it can be used.").optional(),
    volumeMode: text("Filesystem or Block.").optional(),
    capacity: z.record(z.string(), quantity("An amount.")).describe("Its size.").optional(),
    requests: z.record(z.string(), quantity("An amount.")).describe("The size asked for.").optional(),
    preallocated: boolean("Whether its space is set aside.").optional(),
    filesystemOverhead: text("The share that its file system takes.").optional(),
  },
  "The PersistentVolumeClaim.",
);

const volumeStatus = report(
  {
    name: text("The volume's name.", 63),
    target: text("What the guest calls the disk."),
    phase: text("The phase.").optional(),
    reason: text("Why, in one word.").optional(),
    message: text("Why, in a sentence.").optional(),
    size: integer("Its size in bytes.").optional(),
    persistentVolumeClaimInfo: claimInfo.optional(),
    hotplugVolume: report(
      { attachPodName: text("The pod's name.").optional(), attachPodUID: text("The pod's UID.").optional() },
      "The pod that holds a volume that was plugged in.",
    ).optional(),
    containerDiskVolume: report({ checksum: integer("Its checksum.").optional() }, "The container disk.").optional(),
  },
  "A volume and how far it is.",
);
export type VolumeStatus = z.infer<typeof volumeStatus>;

const migrationState = report(
  {
    migrationUid: text("The migration's UID.").optional(),
    sourceNode: text("The node that it leaves.").optional(),
    sourcePod: text("The pod that it leaves.").optional(),
    targetNode: text("The node that it goes to.").optional(),
    targetPod: text("The pod that it goes to.").optional(),
    targetNodeAddress: text("Where that node takes it.").optional(),
    targetNodeDomainDetected: boolean("Whether it is there.").optional(),
    targetNodeDomainReadyTimestamp: time("When it was there.").optional(),
    targetDirectMigrationNodePorts: z.record(z.string(), z.int()).describe("The ports that take it.").optional(),
    startTimestamp: time("When it began.").nullable().optional(),
    endTimestamp: time("When it ended.").nullable().optional(),
    completed: boolean("Whether it has ended.").optional(),
    failed: boolean("Whether it failed.").optional(),
    failureReason: text("Why it failed.").optional(),
    abortRequested: boolean("Whether it is to stop.").optional(),
    abortStatus: text("How far stopping is.").optional(),
    mode: choice(["PreCopy", "PostCopy", "Paused"], "How memory is copied.").optional(),
    migrationPolicyName: text("The policy that holds for it.").optional(),
  },
  "The migration under way, or the last one.",
);

export const cpuTopology = report(
  {
    cores: integer("Cores in a socket.").optional(),
    sockets: integer("Sockets.").optional(),
    threads: integer("Threads in a core.").optional(),
  },
  "The CPUs that the guest has.",
);

const phase = choice(phases, "The phase.");

export const instanceStatus = report(
  {
    phase: phase.optional(),
    phaseTransitionTimestamps: list(
      report(
        { phase: phase.optional(), phaseTransitionTimestamp: time("When it came there.").nullable().optional() },
        "A phase and when it was reached.",
      ),
      "When each phase was reached.",
      1024,
    ).optional(),
    nodeName: text("Its node.").optional(),
    reason: text("Why it is in this phase.").optional(),
    conditions: listBy("type", condition, "The conditions.").optional(),
    interfaces: list(instanceInterface, "Network cards and their addresses.", guestBounds.interfaces).optional(),
    guestOSInfo: guestOsInfo.optional(),
    activePods: z.record(z.string(), z.string()).describe("Placeholder pods by UID, and their nodes.").optional(),
    volumeStatus: list(volumeStatus, "Volumes and how far they are.", 256).optional(),
    migrationState: migrationState.optional(),
    migrationMethod: text("How it would be migrated.").optional(),
    migrationTransport: text("What migrations go over.").optional(),
    memory: report(
      {
        guestAtBoot: quantity("At the start.").optional(),
        guestCurrent: quantity("Now.").optional(),
        guestRequested: quantity("Asked for.").optional(),
        memoryOverhead: quantity("What the machine itself needs.").optional(),
      },
      "The guest's memory.",
    ).optional(),
    currentCPUTopology: cpuTopology.optional(),
    machine: report({ type: text("The kind, with its version.") }, "The kind of machine.").optional(),
    qosClass: choice(["Guaranteed", "Burstable", "BestEffort"], "The placeholder's class of service.").optional(),
    virtualMachineRevisionName: text("The revision of the VirtualMachine that it was made from.").optional(),
    evacuationNodeName: text("The node that it is to leave.").optional(),
    launcherContainerImageVersion: text("The placeholder's image.").optional(),
    fsFreezeStatus: text("frozen while the guest's file systems are, by its agent.").nullable().optional(),
    selinuxContext: text("The SELinux context of its processes.").optional(),
    runtimeUser: integer("The user that its processes run as.").optional(),
  },
  "How the machine is.",
);
export type InstanceStatus = z.infer<typeof instanceStatus>;
