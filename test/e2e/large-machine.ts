import type { VirtualMachine, VirtualMachineInstance } from "../../api/resources.ts";

type InstanceSpec = VirtualMachineInstance["spec"];

export interface LargeMachineOptions {
  readonly runStrategy: NonNullable<VirtualMachine["spec"]["runStrategy"]>;
  /** How many disks with cloud-init's data it has, 128 KiB each. */
  readonly disks: number;
  readonly domain?: Partial<InstanceSpec["domain"]>;
  readonly devices?: InstanceSpec["domain"]["devices"];
  readonly volumes?: InstanceSpec["volumes"];
}

/** The most that a field of cloud-init's takes, in characters. */
export const longestUserData = 65_536;

/** Cloud-init's data of a disk: it says which one it is, and is as long as it may be. */
export function userDataOf(number: number): string {
  return `#cloud-config\n# disk ${number}\n#`.padEnd(longestUserData, "x");
}

/** A machine that is about as large as etcd takes one: by cloud-init's data, which its instance has too, and annotations. */
export function aLargeMachine(
  name: string,
  { runStrategy, disks: count, domain = {}, devices = {}, volumes = [] }: LargeMachineOptions,
): VirtualMachine {
  const numbers = Array.from({ length: count }, (_, number) => number);
  // All annotations of an object have 256 KiB at most; those of a template go to the instance and its pod.
  const annotations = (bytes: number): Record<string, string> => ({ "example.com/notes": "n".repeat(bytes) });
  const disks = numbers.map((number) => ({ name: `data-${number}`, disk: { bus: "virtio" as const } }));
  const cloudInit = numbers.map((number) => ({
    name: `data-${number}`,
    cloudInitNoCloud: { userData: userDataOf(number), networkData: "#".padEnd(longestUserData, "x") },
  }));
  return {
    apiVersion: "kubevirt.io/v1",
    kind: "VirtualMachine",
    metadata: { name, annotations: annotations(200_000) },
    spec: {
      runStrategy,
      template: {
        metadata: { annotations: annotations(100_000) },
        spec: {
          terminationGracePeriodSeconds: 0,
          domain: {
            memory: { guest: "64Mi" },
            ...domain,
            devices: { ...devices, disks: [...(devices.disks ?? []), ...disks] },
          },
          volumes: [...volumes, ...cloudInit],
        },
      },
    },
  };
}
