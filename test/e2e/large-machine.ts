import type { VirtualMachine, VirtualMachineInstance } from "../../api/resources.ts";

type InstanceSpec = VirtualMachineInstance["spec"];

export interface LargeMachineOptions {
  readonly runStrategy: NonNullable<VirtualMachine["spec"]["runStrategy"]>;
  /** The number of disks with cloud-init data, 128 KiB each. */
  readonly disks: number;
  readonly domain?: Partial<InstanceSpec["domain"]>;
  readonly devices?: InstanceSpec["domain"]["devices"];
  readonly volumes?: InstanceSpec["volumes"];
}

/** The longest value of a cloud-init field, in characters. */
export const longestUserData = 65_536;

/** Makes cloud-init data of the longest length, which names its disk. */
export function userDataOf(number: number): string {
  return `#cloud-config\n# disk ${number}\n#`.padEnd(longestUserData, "x");
}

/** Makes a machine of about etcd's largest size, by annotations and by cloud-init data, which its instance has too. */
export function aLargeMachine(
  name: string,
  { runStrategy, disks: count, domain = {}, devices = {}, volumes = [] }: LargeMachineOptions,
): VirtualMachine {
  const numbers = Array.from({ length: count }, (_, number) => number);
  // All annotations of an object have at most 256 KiB. Those of a template go to the instance and its Pod.
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
