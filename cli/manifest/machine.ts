import { labels as labelNames } from "../../api/contract/labels.ts";
import { group } from "../../api/group.ts";
import type { VirtualMachine } from "../../api/resources.ts";
import type { RunStrategy } from "../../api/status/virtual-machine-states.ts";

/** When a node pulls an image. */
export const pullPolicies = ["Always", "IfNotPresent", "Never"] as const;
export type PullPolicy = (typeof pullPolicies)[number];

/** What `create` makes a machine of. */
export interface MachineOptions {
  name: string;
  /** Of the image that the root disk comes out of. */
  image: string;
  imagePullPolicy?: PullPolicy | undefined;
  memory: string;
  cpus: number;
  runStrategy: RunStrategy;
  /** cloud-init's user data; as bytes where it is no text. */
  userData?: string | Buffer | undefined;
  labels: Readonly<Record<string, string>>;
}

/** The manifest of a machine with a root disk out of an image and, where there is user data, a disk for cloud-init. */
export function machineManifest(options: MachineOptions): VirtualMachine {
  const { name, image, imagePullPolicy, memory, cpus, runStrategy, userData, labels } = options;
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
    metadata: { name, ...(Object.keys(labels).length > 0 ? { labels: { ...labels } } : {}) },
    spec: {
      runStrategy,
      template: {
        // Services and selectors of pods find the machine by these.
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

/** A manifest is text: other bytes stand in it as base64. */
function sourceOf(userData: string | Buffer): { userData: string } | { userDataBase64: string } {
  return typeof userData === "string" ? { userData } : { userDataBase64: userData.toString("base64") };
}
