import { finalizers } from "../../../api/contract/labels.ts";
import { withDefaults } from "../../../api/defaults.ts";
import { KubeClient } from "../../../api/kube/client/client.ts";
import { loadCredentials } from "../../../api/kube/credentials/load.ts";
import { type Pod, pods } from "../../../api/kube/resources/core-resources.ts";
import { instances, type VirtualMachineInstance } from "../../../api/resources.ts";
import { timestamp } from "../../../api/status/conditions.ts";
import { placeholderPod } from "../../../controller/vmi/placeholder-pod.ts";
import { recordOf } from "../../../controller/vmi/record.ts";
import { identityOf } from "../../../node-daemon/instance/identity.ts";

/** Makes a VirtualMachineInstance of a tiny guest; parts of its spec can be replaced. */
export function anInstance(name: string, namespace: string, spec: object = {}): VirtualMachineInstance {
  const given = {
    apiVersion: "kubevirt.io/v1",
    kind: "VirtualMachineInstance",
    metadata: { name, namespace },
    spec: {
      terminationGracePeriodSeconds: 30,
      domain: {
        memory: { guest: "128Mi" },
        devices: { rng: {}, autoattachPodInterface: false },
      },
      volumes: [{ name: "root", containerDisk: { image: "localhost/tiny:latest", imagePullPolicy: "IfNotPresent" } }],
      ...spec,
    },
  };
  return withDefaults(given as Parameters<typeof withDefaults>[0]) as VirtualMachineInstance;
}

/** Makes an instance without disks: it only runs its firmware. */
export function aGuestless(name: string, namespace: string, spec: object = {}): VirtualMachineInstance {
  return anInstance(name, namespace, {
    domain: { memory: { guest: "64Mi" }, devices: { autoattachPodInterface: false } },
    volumes: [],
    ...spec,
  });
}

/** Plays the controller: makes the placeholder, hands the instance over, and removes its finalizer. */
export class HandOver {
  readonly client: KubeClient;

  constructor(client: KubeClient) {
    this.client = client;
  }

  static async with(kubeconfig: string): Promise<HandOver> {
    return new HandOver(new KubeClient(await loadCredentials({ file: kubeconfig }), { userAgent: "test-controller" }));
  }

  /** Creates the instance and its placeholder, and hands it over as soon as the Pod is bound. */
  async run(wanted: VirtualMachineInstance, nodeName = "node-1"): Promise<VirtualMachineInstance> {
    const { created, pod } = await this.create(wanted, nodeName);
    return this.handOver(created, pod, nodeName);
  }

  /** Creates the instance and its placeholder. */
  async create(
    wanted: VirtualMachineInstance,
    nodeName: string,
  ): Promise<{ created: VirtualMachineInstance; pod: Pod }> {
    const created = await this.client.create(instances, wanted);
    return { created, pod: await this.client.create(pods, placeholder(created, nodeName)) };
  }

  async handOver(created: VirtualMachineInstance, pod: Pod, nodeName: string): Promise<VirtualMachineInstance> {
    const { namespace, name } = identityOf(created);
    await this.mark(created, pod, nodeName);
    const phases = ["Pending", "Scheduling", "Scheduled"];
    const now = timestamp(new Date());
    const status = {
      phase: "Scheduled",
      nodeName,
      activePods: { [pod.metadata?.uid ?? ""]: nodeName },
      phaseTransitionTimestamps: phases.map((phase) => ({ phase, phaseTransitionTimestamp: now })),
    };
    return this.client.mergePatch(instances, { namespace, name }, { status }, { subresource: "status" });
  }

  /** Hands it over by its metadata only; the daemon writes the status. */
  async mark(created: VirtualMachineInstance, pod: Pod, nodeName: string): Promise<void> {
    const { namespace, name } = identityOf(created);
    const labels = { "kubevirt.io/nodeName": nodeName };
    const patch = { metadata: { finalizers: [finalizers.instance], labels, annotations: recordOf(pod) } };
    await this.client.mergePatch(instances, { namespace, name }, patch);
  }

  async get(namespace: string, name: string): Promise<VirtualMachineInstance> {
    return this.client.get(instances, { namespace, name });
  }

  /** Removes the finalizer, like the controller when the phase is final. */
  async letGo(namespace: string, name: string): Promise<void> {
    await this.client.mergePatch(instances, { namespace, name }, { metadata: { finalizers: null } });
  }
}

function placeholder(instance: VirtualMachineInstance, nodeName: string): Pod {
  const pod = placeholderPod(instance, {
    holdImage: "localhost/hold:latest",
    holdPullPolicy: "IfNotPresent",
    imageMode: "ImageVolume",
    globalNetworks: [],
  });
  const containers = pod.spec?.containers ?? [];
  // A node with a restarted daemon is not schedulable for a while. The test cannot wait for that.
  const nodeSelector = { "kubernetes.io/hostname": nodeName };
  return { ...pod, spec: { ...pod.spec, containers, nodeSelector } };
}
