import { isPodNetwork } from "./contract/pod-devices.ts";
import { guestMemoryOf, requestedMemoryOf } from "./guest-size.ts";
import { stableUuid } from "./names.ts";
import type { Disk } from "./schema/disk.ts";
import type { Domain } from "./schema/domain.ts";
import type { InstanceSpec } from "./schema/instance-spec.ts";
import type { NetworkInterface } from "./schema/network.ts";
import type { Volume } from "./schema/volume.ts";

/**
 * The spec of an instance with the defaults that its definition cannot express. Existing values do not change, so a
 * second call changes nothing.
 */
export function withSpecDefaults(name: InstanceName, given: InstanceSpec): InstanceSpec {
  const volumes = given.volumes?.map(withPullPolicy);
  return {
    ...given,
    ...network(given),
    domain: {
      ...given.domain,
      ...memory(given.domain),
      firmware: { uuid: uuid(name), ...given.domain.firmware },
      devices: {
        ...given.domain.devices,
        ...disks(given),
        ...interfaces(given),
      },
    },
    ...(volumes ? { volumes } : {}),
  };
}

interface InstanceName {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

/** The guest's memory and the requested memory default to each other; a limit alone sets both. */
function memory(domain: Domain): Pick<Domain, "memory" | "resources"> {
  const { memory: given, resources } = domain;
  const [guest, requested] = [guestMemoryOf(domain), requestedMemoryOf(domain)];
  if (guest === undefined || requested === undefined) return {};
  return {
    memory: { ...given, guest },
    resources: { ...resources, requests: { ...resources?.requests, memory: requested } },
  };
}

/** The same machine in the same namespace always has the same UUID, at every start. */
function uuid({ namespace = "", name = "" }: InstanceName): string {
  return stableUuid(`${namespace}/${name}`);
}

/** Adds a disk for each volume without one, and gives each disk a kind and a bus. */
function disks({ domain, volumes = [] }: InstanceSpec): { disks?: Disk[] } {
  const given = domain.devices?.disks ?? [];
  const names = new Set(given.map(({ name }) => name));
  const added = volumes.filter(({ name }) => !names.has(name)).map(({ name }) => ({ name }));
  const all = [...given, ...added].map(withKind);
  return all.length > 0 ? { disks: all } : {};
}

function withKind(disk: Disk): Disk {
  if (disk.cdrom) return { ...disk, cdrom: { bus: "sata", readonly: true, ...disk.cdrom } };
  if (disk.lun) return disk;
  return { ...disk, disk: { bus: "virtio", ...disk.disk } };
}

/** The network of a machine that names none: the pod network, unless the machine wants no network at all. */
function network({ domain, networks }: InstanceSpec): Pick<InstanceSpec, "networks"> {
  return isUnattached(domain, networks) ? { networks: [{ name: "default", pod: {} }] } : {};
}

function interfaces({ domain, networks }: InstanceSpec): { interfaces?: NetworkInterface[] } {
  if (isUnattached(domain, networks)) return { interfaces: [{ name: "default", masquerade: {}, model: "virtio" }] };
  const given = domain.devices?.interfaces;
  if (!given) return {};
  const pods = new Set((networks ?? []).filter(isPodNetwork).map(({ name }) => name));
  return { interfaces: given.map((one) => ({ model: "virtio", ...one, ...binding(one, pods.has(one.name)) })) };
}

function binding(one: NetworkInterface, onPodNetwork: boolean): Pick<NetworkInterface, "masquerade"> {
  const { masquerade, bridge, sriov, binding: plugin, passtBinding } = one;
  return onPodNetwork && !(masquerade ?? bridge ?? sriov ?? plugin ?? passtBinding) ? { masquerade: {} } : {};
}

function isUnattached({ devices }: Domain, networks: InstanceSpec["networks"]): boolean {
  const none = (networks ?? []).length === 0 && (devices?.interfaces ?? []).length === 0;
  return none && devices?.autoattachPodInterface !== false;
}

/** The image's pull policy, as for pods: always if its tag may move, else only when the image is missing. */
function withPullPolicy(volume: Volume): Volume {
  const { containerDisk } = volume;
  if (!containerDisk || containerDisk.imagePullPolicy) return volume;
  return { ...volume, containerDisk: { ...containerDisk, imagePullPolicy: pullPolicyOf(containerDisk.image) } };
}

/** The pull policy that Kubernetes gives an image when the spec has none. */
export function pullPolicyOf(image: string): "Always" | "IfNotPresent" {
  if (image.includes("@")) return "IfNotPresent";
  const tag = image.split("/").at(-1)?.split(":")[1] ?? "latest";
  return tag === "latest" ? "Always" : "IfNotPresent";
}
