/**
 * The parts of KubeVirt's API that are known by name and refused. A manifest that uses one fails with the field's path,
 * so that no machine is made without it. To support a field, give it its schema and remove its line here.
 *
 * A path is relative to the spec of an instance (in `vmRefusals` to that of a VirtualMachine). `[]` stands for each
 * item. `field=value` refuses one value of a choice. Booleans are refused when true and lists when not empty, since
 * `false` and `[]` request nothing.
 */
export interface Refusals {
  /** Refused until they are implemented. */
  readonly yet: readonly string[];
  /** Refused for good, with the reason. */
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

/** The refused fields of a VirtualMachine outside its template. */
export const vmRefusals: Refusals = {
  yet: ["dataVolumeTemplates", "instancetype", "preference", "updateVolumesStrategy"],
  ever: {},
};

/** A refusal of one field, or of one value of it. */
export interface Refusal {
  /** The path to the field, one step per element; `[]` is each item of a list. */
  readonly steps: readonly string[];
  readonly value?: string;
  /** The message; it begins with `not supported`. */
  readonly message: string;
  readonly forGood: boolean;
}

/** The single refusals, below a path such as `spec.template.spec`. */
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
