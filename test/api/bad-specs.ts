import type { InstanceSpec } from "../../api/schema/instance-spec.ts";
import { aSpec } from "./builders.ts";

/** A spec that both `validate` and an API server refuse; each names the same field in its own words. */
interface BadSpec {
  title: string;
  spec: unknown;
  /** The wrong field, below the spec; an API server may name the object around it. */
  field: string;
  /** A text in both messages. */
  says: string;
}

const disks = (...names: string[]) => names.map((name) => ({ name }));
const image = (name: string) => ({ name, containerDisk: { image: "localhost/tiny" } });
const withDevices = (devices: object, fields: Partial<InstanceSpec> = {}): InstanceSpec =>
  aSpec({ domain: { devices, memory: { guest: "128Mi" } }, ...fields });
const withFirmware = (firmware: object): unknown => ({
  domain: { devices: {}, memory: { guest: "128Mi" }, firmware },
});
const withResources = (resources: object): unknown => ({ domain: { memory: { guest: "128Mi" }, resources } });

export const badSpecs: readonly BadSpec[] = [
  {
    title: "a disk without a volume",
    spec: withDevices({ disks: disks("root", "data") }, { volumes: [image("root")] }),
    field: "",
    says: "there is no volume of the same name for the disk data",
  },
  {
    title: "an interface without a network",
    spec: withDevices({ interfaces: [{ name: "lan", masquerade: {} }] }),
    field: "",
    says: "there is no network of the same name for the interface lan",
  },
  {
    title: "a network without an interface",
    spec: aSpec({ networks: [{ name: "lan", pod: {} }] }),
    field: "",
    says: "there is no interface of the same name for the network lan",
  },
  {
    title: "two pod networks",
    spec: withDevices(
      { interfaces: disks("a", "b") },
      {
        networks: [
          { name: "a", pod: {} },
          { name: "b", pod: {} },
        ],
      },
    ),
    field: "networks",
    says: "only one of the networks can be the pods' network",
  },
  {
    title: "a pod network beside one that takes its place",
    spec: withDevices(
      { interfaces: disks("a", "b") },
      {
        networks: [
          { name: "a", pod: {} },
          { name: "b", multus: { networkName: "lan", default: true } },
        ],
      },
    ),
    field: "networks",
    says: "only one of the networks can be the pods' network",
  },
  {
    title: "an interface behind the pod on another network",
    spec: withDevices(
      { interfaces: [{ name: "lan", masquerade: {} }] },
      { networks: [{ name: "lan", multus: { networkName: "lan" } }] },
    ),
    field: "domain",
    says: "a network other than the pods' can only be attached by bridge: interface lan",
  },
  {
    title: "a read-only disk on bus sata",
    spec: withDevices(
      { disks: [{ name: "root", disk: { bus: "sata", readonly: true } }] },
      { volumes: [image("root")] },
    ),
    field: "domain.devices.disks[0].disk.readonly",
    says: "a disk on bus sata cannot be read-only",
  },
  {
    title: "a CD that can be written to",
    spec: withDevices({ disks: [{ name: "root", cdrom: { readonly: false } }] }, { volumes: [image("root")] }),
    field: "domain.devices.disks[0].cdrom.readonly",
    says: "a guest can only read a CD",
  },
  {
    title: "native input and output through the host's cache",
    spec: withDevices({ disks: [{ name: "root", io: "native", cache: "writeback" }] }, { volumes: [image("root")] }),
    field: "domain.devices.disks[0].cache",
    says: "io native needs cache none",
  },
  {
    title: "a bootOrder twice",
    spec: withDevices(
      { disks: [{ name: "root", bootOrder: 1 }], interfaces: [{ name: "lan", bootOrder: 1 }] },
      { volumes: [image("root")], networks: [{ name: "lan", pod: {} }] },
    ),
    field: "",
    says: "another disk or interface has the bootOrder of the disk root",
  },
  {
    title: "a disk that is two kinds of disk",
    spec: withDevices({ disks: [{ name: "root", disk: {}, cdrom: {} }] }, { volumes: [image("root")] }),
    field: "domain.devices.disks[0]",
    says: "at most one of disk, cdrom, lun is allowed",
  },
  {
    title: "a volume of two sources",
    spec: aSpec({ volumes: [{ ...image("root"), emptyDisk: { capacity: "1Gi" } }] }),
    field: "volumes[0]",
    says: "exactly one source is needed, such as containerDisk",
  },
  {
    title: "a volume of no source",
    spec: aSpec({ volumes: [{ name: "root" }] }),
    field: "volumes[0]",
    says: "exactly one source is needed, such as containerDisk",
  },
  {
    title: "cloud-init with two user data",
    spec: aSpec({ volumes: [{ name: "init", cloudInitNoCloud: { userData: "a", userDataBase64: "Yg==" } }] }),
    field: "volumes[0].cloudInitNoCloud",
    says: "at most one of userData, userDataBase64, secretRef is allowed",
  },
  {
    title: "cloud-init with no data at all",
    spec: aSpec({ volumes: [{ name: "init", cloudInitConfigDrive: {} }] }),
    field: "volumes[0].cloudInitConfigDrive",
    says: "at least one of userData, userDataBase64, secretRef, networkData",
  },
  {
    title: "the credentials of two accounts",
    spec: aSpec({
      volumes: ["a", "b"].map((name) => ({ name, serviceAccount: { serviceAccountName: name } })),
    }),
    field: "volumes",
    says: "only one of the volumes can be a serviceAccount",
  },
  {
    title: "a kernel outside its image",
    spec: withFirmware({ kernelBoot: { container: { image: "a", kernelPath: "/boot/../../vmlinuz" } } }),
    field: "domain.firmware.kernelBoot.container.kernelPath",
    says: "[^/.]",
  },
  ...["Europe/Berln", "Local"].map((timezone) => ({
    title: `a time zone "${timezone}"`,
    spec: { domain: { devices: {}, memory: { guest: "128Mi" }, clock: { timezone } } },
    field: "domain.clock.timezone",
    says: "it must be the name of a time zone, such as Europe/Berlin",
  })),
  ...["", "+02:00", "Europe/../UTC"].map((timezone) => ({
    title: `a time zone "${timezone}"`,
    spec: { domain: { devices: {}, memory: { guest: "128Mi" }, clock: { timezone } } },
    field: "domain.clock.timezone",
    says: "[A-Za-z0-9_+-]",
  })),
  {
    title: "an initial RAM disk outside its image",
    spec: withFirmware({
      kernelBoot: { container: { image: "a", kernelPath: "/vmlinuz", initrdPath: "/boot/../../initrd" } },
    }),
    field: "domain.firmware.kernelBoot.container.initrdPath",
    says: "[^/.]",
  },
  {
    title: "a disk outside its image",
    spec: aSpec({ volumes: [{ name: "root", containerDisk: { image: "a", path: "/disk/../../disk.qcow2" } }] }),
    field: "volumes[0].containerDisk.path",
    says: "[^/.]",
  },
  {
    title: "no memory",
    spec: { domain: { devices: {} } },
    field: "domain.memory",
    says: "the guest's memory is needed",
  },
  ...[
    { title: "a guest of nothing", guest: 0 },
    { title: "a guest of bytes that were meant as MiB", guest: "2048" },
    { title: "a guest of less than a byte", guest: "500m" },
    { title: "a guest that QEMU has no addresses for", guest: "129Ti" },
    { title: "a guest that no quantity of Kubernetes can hold", guest: "20E" },
  ].map(({ title, guest }) => ({
    title,
    spec: { domain: { devices: {}, memory: { guest } } },
    field: "domain.memory.guest",
    says: "a guest's memory is 1M at least and 128Ti at most",
  })),
  {
    title: "a request of bytes that is the guest's memory",
    spec: { domain: { devices: {}, resources: { requests: { memory: "2048" } } } },
    field: "domain.resources.requests.memory",
    says: "a guest's memory is 1M at least",
  },
  {
    title: "a limit of bytes that is the guest's memory",
    spec: { domain: { devices: {}, resources: { limits: { memory: 2048 } } } },
    field: "domain.resources.limits.memory",
    says: "a guest's memory is 1M at least",
  },
  {
    title: "a request of memory that no machine has",
    spec: { domain: { memory: { guest: "1Gi" }, resources: { requests: { memory: "1Pi" } } } },
    field: "domain.resources.requests.memory",
    says: "no machine has more memory than 128Ti",
  },
  {
    title: "a limit of memory that no machine has",
    spec: { domain: { memory: { guest: "1Gi" }, resources: { limits: { memory: "1Ei" } } } },
    field: "domain.resources.limits.memory",
    says: "no machine has more memory than 128Ti",
  },
  {
    title: "a request of CPU that Kubernetes would count wrong",
    spec: aSpec({ domain: { memory: { guest: "1Gi" }, resources: { requests: { cpu: "18446744073709552" } } } }),
    field: "domain.resources.requests.cpu",
    says: "no node has more than 8192 CPUs",
  },
  {
    title: "a limit of CPU that no node has",
    spec: aSpec({ domain: { memory: { guest: "1Gi" }, resources: { limits: { cpu: "10k" } } } }),
    field: "domain.resources.limits.cpu",
    says: "no node has more than 8192 CPUs",
  },
  ...["requests", "limits"].map((sort) => ({
    title: `${sort} of ephemeral storage that no node has`,
    spec: withResources({ [sort]: { "ephemeral-storage": "2Ei" } }),
    field: `domain.resources.${sort}.ephemeral-storage`,
    says: "no node has more ephemeral storage than 1Ei",
  })),
  {
    title: "more virtual CPUs than QEMU has room for",
    spec: aSpec({ domain: { memory: { guest: "1Gi" }, cpu: { sockets: 64, cores: 64, threads: 2 } } }),
    field: "domain.cpu",
    says: "sockets × cores × threads can be 4096 at most",
  },
  ...["0", "2048", "3Pi", "9E"].map((capacity) => ({
    title: `an empty disk of ${capacity}`,
    spec: aSpec({ volumes: [{ name: "data", emptyDisk: { capacity } }] }),
    field: "volumes[0].emptyDisk.capacity",
    says: "a disk has 1M at least and 2Pi at most",
  })),
  ...[
    { resource: "limits.memory" as const, divisor: "3", units: "memory is given in units of 1, 1k," },
    { resource: "requests.cpu" as const, divisor: "1k", units: "cpu is given in units of 1, 1m" },
  ].map(({ resource, divisor, units }) => ({
    title: `a file that has ${resource} in units of ${divisor}`,
    spec: aSpec({
      volumes: [{ name: "self", downwardAPI: { fields: [{ path: "it", resourceFieldRef: { resource, divisor } }] } }],
    }),
    field: "volumes[0].downwardAPI.fields[0].resourceFieldRef.divisor",
    says: units,
  })),
  {
    title: "a guest beyond its limit",
    spec: { domain: { memory: { guest: "1Gi" }, resources: { limits: { memory: "512M" } } } },
    field: "domain.memory",
    says: "the guest's memory can be no more than resources.limits.memory",
  },
  {
    title: "a part of a device",
    spec: withResources({ requests: { "example.com/device": "1500m" }, limits: { "example.com/device": "1500m" } }),
    field: "domain.resources.limits",
    says: "a resource with a / in its name has whole amounts",
  },
  ...[
    { requests: { "example.com/device": 1 } },
    { requests: { "example.com/device": 1 }, limits: { "example.com/device": "2" } },
  ].map((amounts) => ({
    title: `devices without a limit of the same number: ${JSON.stringify(amounts)}`,
    spec: withResources(amounts),
    field: "domain.resources.requests",
    says: "a resource with a / in its name needs a limit that is the same as the request",
  })),
  {
    title: "a request of ephemeral storage beyond its limit",
    spec: withResources({ requests: { "ephemeral-storage": "2Gi" }, limits: { "ephemeral-storage": "2G" } }),
    field: "domain.resources.requests",
    says: "no more ephemeral-storage can be requested than the limit allows",
  },
  {
    title: "a request beyond its limit",
    spec: aSpec({ domain: { resources: { requests: { memory: "1Gi", cpu: "1500m" }, limits: { cpu: 1 } } } }),
    field: "domain.resources.requests",
    says: "no more cpu can be requested than the limit allows",
  },
];
