import { expiryText } from "../../api/contract/expiry.ts";
import { labels as labelNames, annotations as names } from "../../api/contract/labels.ts";
import { group } from "../../api/group.ts";
import type { VirtualMachine } from "../../api/resources.ts";
import type { RunStrategy } from "../../api/status/virtual-machine-states.ts";

/** Policies for when a node pulls an image. */
export const pullPolicies = ["Always", "IfNotPresent", "Never"] as const;
export type PullPolicy = (typeof pullPolicies)[number];

/** The options of `create` for a new machine. */
export interface MachineOptions {
  name: string;
  /** The image with the root disk. */
  image: string;
  imagePullPolicy?: PullPolicy | undefined;
  memory: string;
  cpus: number;
  runStrategy: RunStrategy;
  /** cloud-init's user data; bytes if it is no text. */
  userData?: string | Buffer | undefined;
  labels: Readonly<Record<string, string>>;
  /** Annotations of the machine itself. */
  annotations?: Readonly<Record<string, string>> | undefined;
  /** Sizes of empty disks, which last as long as the machine's instance. */
  disks?: readonly string[] | undefined;
  /** Names of claims, each a disk of its own. */
  claims?: readonly string[] | undefined;
  /** Names of NetworkAttachmentDefinitions, for interfaces beside the pod's network. */
  networks?: readonly string[] | undefined;
  /** Labels that the machine's node must have. */
  nodeSelector?: Readonly<Record<string, string>> | undefined;
  /** Milliseconds after which the machine is deleted, unless somebody renews it. */
  expire?: number | undefined;
}

/**
 * Makes the manifest of a machine with a root disk from an image, more disks, and, if there is user data, a cloud-init
 * disk. The cloud-init disk comes last, so that the others have the same names in the guest with and without it.
 */
export function machineManifest(options: MachineOptions): VirtualMachine {
  const { name, image, imagePullPolicy, memory, cpus, runStrategy, userData, labels, expire } = options;
  const { annotations = {}, disks = [], claims = [], networks = [], nodeSelector = {} } = options;
  const own = { ...annotations, ...(expire === undefined ? {} : { [names.expireAfter]: expiryText(expire) }) };
  const cloudInit = userData === undefined ? [] : [{ name: "cloud-init", cloudInitNoCloud: sourceOf(userData) }];
  const disk = (volume: string): { name: string; disk: { bus: "virtio" } } => ({
    name: volume,
    disk: { bus: "virtio" },
  });
  const volumes = [
    { name: "root", containerDisk: { image, ...(imagePullPolicy ? { imagePullPolicy } : {}) } },
    ...disks.map((capacity, at) => ({ name: `disk-${at + 1}`, emptyDisk: { capacity } })),
    ...claims.map((claimName, at) => ({ name: `pvc-${at + 1}`, persistentVolumeClaim: { claimName } })),
    ...cloudInit,
  ];
  return {
    apiVersion: group.apiVersion,
    kind: "VirtualMachine",
    metadata: {
      name,
      ...(Object.keys(labels).length > 0 ? { labels: { ...labels } } : {}),
      ...(Object.keys(own).length > 0 ? { annotations: own } : {}),
    },
    spec: {
      runStrategy,
      template: {
        // Services and Pod selectors find the machine by these labels.
        metadata: { labels: { ...labels, [labelNames.machineName]: name } },
        spec: {
          domain: {
            cpu: { cores: cpus },
            memory: { guest: memory },
            devices: {
              disks: volumes.map((volume) => disk(volume.name)),
              ...(networks.length > 0 ? { interfaces: interfacesFor(networks) } : {}),
              rng: {},
            },
          },
          ...(networks.length > 0 ? { networks: networksOf(networks) } : {}),
          ...(Object.keys(nodeSelector).length > 0 ? { nodeSelector: { ...nodeSelector } } : {}),
          volumes,
        },
      },
    },
  };
}

/** The pod's network, which a machine without networks has by itself, and the others. */
function networksOf(networks: readonly string[]) {
  return [
    { name: "default", pod: {} },
    ...networks.map((networkName, at) => ({ name: `network-${at + 1}`, multus: { networkName } })),
  ];
}

function interfacesFor(networks: readonly string[]) {
  return [{ name: "default", masquerade: {} }, ...networks.map((_, at) => ({ name: `network-${at + 1}`, bridge: {} }))];
}

/** Encodes user data that is no text as base64, because a manifest is text. */
function sourceOf(userData: string | Buffer): { userData: string } | { userDataBase64: string } {
  return typeof userData === "string" ? { userData } : { userDataBase64: userData.toString("base64") };
}
