import { annotations, finalizers, labels } from "../../api/contract/labels.ts";
import type { Claim, Node, Pod } from "../../api/kube/resources/core-resources.ts";
import type { KubeObject, ObjectMeta } from "../../api/kube/resources/object.ts";
import type { Resource } from "../../api/kube/resources/resource.ts";
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

/** The labels, annotations and finalizers of an instance that was handed over to a node with its pod `p-1`. */
export function handedOver(node = "node-1"): Partial<ObjectMeta> {
  return {
    labels: { [labels.nodeName]: node },
    annotations: { [annotations.placeholderUid]: "p-1" },
    finalizers: [finalizers.instance],
  };
}

/** The reference by which the machine `m-1` controls its instance. */
export const controller = {
  apiVersion: "kubevirt.io/v1",
  kind: "VirtualMachine",
  name: "demo",
  uid: "m-1",
  controller: true,
  blockOwnerDeletion: true,
};

/** An instance that was made of the machine `m-1` at its first generation, with its finalizer unless it says otherwise. */
export function itsInstance({ metadata, ...parts }: Parameters<typeof anInstance>[0] = {}): Instance {
  return anInstance({
    ...parts,
    metadata: {
      labels: { [labels.machineName]: "demo" },
      annotations: { [annotations.machineGeneration]: "1" },
      ownerReferences: [controller],
      finalizers: [finalizers.instance],
      ...metadata,
    },
  });
}

/** What is kept of the machine `m-1` at a generation. */
export function aRevision(generation = 1): KubeObject {
  const name = `revision-start-vm-m-1-${generation}`;
  return { apiVersion: "apps/v1", kind: "ControllerRevision", metadata: { name, namespace: "default" } };
}

/** A claim of a volume of a size. */
export function aClaim(name: string, phase: "Bound" | "Pending" = "Bound"): Claim {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name, namespace: "default", uid: `c-${name}` },
    spec: { accessModes: ["ReadWriteOnce"], volumeMode: "Filesystem", resources: { requests: { storage: "1Gi" } } },
    status: phase === "Bound" ? { phase, capacity: { storage: "1Gi" } } : { phase },
  };
}

/** The node `node-1`, whose kubelet has been heard of lately or not, with these marks of its daemon. */
export function aNode(isReady = true, marks: Pick<ObjectMeta, "labels" | "annotations"> = {}): Node {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: "node-1", uid: "n-1", labels: { [labels.schedulable]: "true" }, ...marks },
    status: { conditions: [{ type: "Ready", status: isReady ? "True" : "Unknown" }] },
  };
}

export const networkDefinitions: Resource<KubeObject> = {
  group: "k8s.cni.cncf.io",
  version: "v1",
  plural: "network-attachment-definitions",
  kind: "NetworkAttachmentDefinition",
  namespaced: true,
};

/** A network that Multus knows. */
export function aNetwork(name: string, namespace = "default"): KubeObject {
  return { apiVersion: "k8s.cni.cncf.io/v1", kind: "NetworkAttachmentDefinition", metadata: { name, namespace } };
}
