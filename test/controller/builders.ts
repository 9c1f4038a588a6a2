import type { Pod } from "../../api/kube/resources/core-resources.ts";
import type { VirtualMachine, VirtualMachineInstance } from "../../api/resources.ts";
import { type SlimInstance, slimInstance } from "../../controller/cache/slim-instance.ts";
import { type SlimMachine, slimMachine } from "../../controller/cache/slim-machine.ts";
import { placeholderPod } from "../../controller/vmi/placeholder-pod.ts";
import { type PlaceholderSettings } from "../../controller/vmi/placeholder-settings.ts";

export const settings: PlaceholderSettings = {
  holdImage: "registry.test/hold:1",
  holdPullPolicy: "IfNotPresent",
  imageMode: "ImageVolume",
  globalNetworks: ["default"],
};

type Instance = VirtualMachineInstance;

/** Makes an instance as in an API server, with some parts replaced. */
export function anInstance({
  metadata,
  spec,
  status,
}: Partial<Pick<Instance, "metadata" | "status">> & { spec?: Partial<Instance["spec"]> } = {}): Instance {
  return {
    apiVersion: "kubevirt.io/v1",
    kind: "VirtualMachineInstance",
    metadata: {
      name: "demo",
      namespace: "default",
      uid: "7a2f1c58-0a3e-4c43-9f57-2f5d8f2b7d11",
      resourceVersion: "10",
      creationTimestamp: "2026-01-01T10:00:00Z",
      ...metadata,
    },
    spec: { domain: { memory: { guest: "128Mi" } }, ...spec },
    ...(status ? { status } : {}),
  };
}

/** Makes a machine as in an API server. */
export function aMachine({
  metadata,
  spec,
  status,
}: Partial<Pick<VirtualMachine, "metadata" | "status">> & {
  spec?: Partial<VirtualMachine["spec"]>;
} = {}): VirtualMachine {
  return {
    apiVersion: "kubevirt.io/v1",
    kind: "VirtualMachine",
    metadata: { name: "demo", namespace: "default", uid: "m-1", generation: 1, resourceVersion: "5", ...metadata },
    spec: { runStrategy: "Always", template: { spec: { domain: { memory: { guest: "128Mi" } } } }, ...spec },
    ...(status ? { status } : {}),
  };
}

/** Makes a machine in slim form, as reconcilers see it. */
export function aSlimMachine(parts: Parameters<typeof aMachine>[0] = {}): SlimMachine {
  return slimMachine(aMachine(parts));
}

/** Makes an instance in slim form, as reconcilers see it. */
export function aSlimInstance(parts: Parameters<typeof anInstance>[0] = {}): SlimInstance {
  return slimInstance(anInstance(parts));
}

/** Makes the placeholder Pod of an instance, as in an API server. */
export function aPod(
  instance: Instance,
  { nodeName, status }: { nodeName?: string; status?: Pod["status"] } = {},
): Pod {
  const pod = placeholderPod(instance, settings);
  return {
    ...pod,
    metadata: { ...pod.metadata, uid: "p-1", creationTimestamp: "2026-01-01T10:00:01Z" },
    spec: { ...pod.spec, containers: pod.spec?.containers ?? [], ...(nodeName ? { nodeName } : {}) },
    ...(status ? { status } : {}),
  };
}
