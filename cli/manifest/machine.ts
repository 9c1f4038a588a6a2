import { expiryText } from "../../api/contract/expiry.ts";
import { annotations, labels as labelNames } from "../../api/contract/labels.ts";
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
  /** Milliseconds after which the machine is deleted, unless somebody renews it. */
  expire?: number | undefined;
}

/** Makes the manifest of a machine with a root disk from an image and, if there is user data, a cloud-init disk. */
export function machineManifest(options: MachineOptions): VirtualMachine {
  const { name, image, imagePullPolicy, memory, cpus, runStrategy, userData, labels, expire } = options;
  const cloudInit = userData === undefined ? [] : [{ name: "cloud-init", cloudInitNoCloud: sourceOf(userData) }];
  const disk = (volume: string): { name: string; disk: { bus: "virtio" } } => ({
    name: volume,
    disk: { bus: "virtio" },
  });
  const volumes = [
    { name: "root", containerDisk: { image, ...(imagePullPolicy ? { imagePullPolicy } : {}) } },
    ...cloudInit,
  ];
  return {
    apiVersion: group.apiVersion,
    kind: "VirtualMachine",
    metadata: {
      name,
      ...(Object.keys(labels).length > 0 ? { labels: { ...labels } } : {}),
      ...(expire === undefined ? {} : { annotations: { [annotations.expireAfter]: expiryText(expire) } }),
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
            devices: { disks: volumes.map((volume) => disk(volume.name)), rng: {} },
          },
          volumes,
        },
      },
    },
  };
}

/** Encodes user data that is no text as base64, because a manifest is text. */
function sourceOf(userData: string | Buffer): { userData: string } | { userDataBase64: string } {
  return typeof userData === "string" ? { userData } : { userDataBase64: userData.toString("base64") };
}
