/**
 * What of KubeVirt's API is known by name and refused: a manifest that asks for it fails with the field's path instead
 * of making a machine that lacks it. To support a field, give it its schema and take its line out of here.
 *
 * A path is relative to the spec of an instance (`vm` ones to that of a VirtualMachine), `[]` stands for each item,
 * `field=value` refuses one value of a choice. Booleans are refused when true and lists when they hold something, since
 * `false` and `[]` ask for nothing.
 */
export interface Refusals {
  /** Refused until somebody makes them. */
  readonly yet: readonly string[];
  /** Refused for good, and why. */
  readonly ever: Readonly<Record<string, string>>;
}

export const instanceRefusals: Refusals = {
  yet: [
    "accessCredentials",
    "architecture=arm64",
    "architecture=s390x",
    "domain.cpu.dedicatedCpuPlacement",
    "domain.cpu.isolateEmulatorThread",
    "domain.cpu.maxSockets",
    "domain.cpu.numa",
    "domain.cpu.realtime",
    "domain.devices.autoattachVSOCK",
    "domain.devices.clientPassthrough",
    "domain.devices.disableHotplug",
    "domain.devices.disks[].blockSize",
    "domain.devices.disks[].changedBlockTracking",
    "domain.devices.disks[].dedicatedIOThread",
    "domain.devices.disks[].disk.pciAddress",
    "domain.devices.disks[].lun",
    "domain.devices.disks[].shareable",
    "domain.devices.disks[].tag",
    "domain.devices.downwardMetrics",
    "domain.devices.filesystems",
    "domain.devices.gpus",
    "domain.devices.hostDevices",
    "domain.devices.interfaces[].acpiIndex",
    "domain.devices.interfaces[].binding",
    "domain.devices.interfaces[].dhcpOptions",
    "domain.devices.interfaces[].macvtap",
    "domain.devices.interfaces[].passt",
    "domain.devices.interfaces[].passtBinding",
    "domain.devices.interfaces[].pciAddress",
    "domain.devices.interfaces[].portRanges",
    "domain.devices.interfaces[].slirp",
    "domain.devices.interfaces[].sriov",
    "domain.devices.interfaces[].state=absent",
    "domain.devices.interfaces[].tag",
    "domain.devices.panicDevices",
    "domain.devices.sound",
    "domain.devices.tpm",
    "domain.devices.watchdog.diag288",
    "domain.features.hyperv.tlbflush.direct",
    "domain.features.hyperv.tlbflush.extended",
    "domain.features.hypervPassthrough",
    "domain.firmware.acpi",
    "domain.firmware.bootloader.efi.persistent",
    "domain.ioThreads",
    "domain.ioThreadsPolicy",
    "domain.launchSecurity",
    "domain.memory.hugepages",
    "domain.memory.maxGuest",
    "domain.memory.reservedOverhead",
    "domain.rebootPolicy",
    "domain.resources.overcommitGuestOverhead",
    "evictionStrategy=LiveMigrate",
    "livenessProbe.exec",
    "livenessProbe.guestAgentPing",
    "networks[].resourceClaim",
    "readinessProbe.exec",
    "readinessProbe.guestAgentPing",
    "resourceClaims",
    "serviceAccountName",
    "utilityVolumes",
    "volumes[].dataVolume.hotpluggable",
    "volumes[].downwardAPI.fields[].mode",
    "volumes[].downwardMetrics",
    "volumes[].ephemeral.persistentVolumeClaim.hotpluggable",
    "volumes[].memoryDump",
    "volumes[].persistentVolumeClaim.hotpluggable",
    "volumes[].sysprep",
  ],
  ever: {
    "volumes[].containerPath": "it addresses a path of the placeholder pod",
    "volumes[].hostDisk": "it addresses a path of the node",
  },
};

/** What is refused of a VirtualMachine beside its template. */
export const vmRefusals: Refusals = {
  yet: ["dataVolumeTemplates", "instancetype", "preference", "updateVolumesStrategy"],
  ever: {},
};

/** A refusal of one field, or of one value of it. */
export interface Refusal {
  /** The path to the field, one step an element; `[]` is each item of a list. */
  readonly steps: readonly string[];
  readonly value?: string;
  /** What is said of it; it begins with `not supported`. */
  readonly message: string;
  readonly forGood: boolean;
}

/** Refusals one by one, below a path such as `spec.template.spec`. */
export function refusalsOf({ yet, ever }: Refusals, below: string): Refusal[] {
  const refusal = (path: string, message: string, forGood: boolean): Refusal => {
    const [field = "", value] = path.split("=");
    const steps = `${below}.${field}`.replaceAll("[]", ".[]").split(".");
    return { steps, message, forGood, ...(value === undefined ? {} : { value }) };
  };
  return [
    ...yet.map((path) => refusal(path, "not supported", false)),
    ...Object.entries(ever).map(([path, why]) => refusal(path, `not supported: ${why}`, true)),
  ];
}
