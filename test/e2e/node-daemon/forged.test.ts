import { beforeAll, expect, test } from "vitest";
import { type Pod, pods } from "../../../api/kube/resources/core-resources.ts";
import type { VirtualMachineInstance } from "../../../api/resources.ts";
import { placeholderPod } from "../../../controller/vmi/placeholder-pod.ts";
import { cluster } from "../cluster.ts";
import { aGuestless } from "./hand-over.ts";
import { useDaemon } from "./stage.ts";

/*
 * Pods by which a tenant would give a guest a device of the node, where admission did not keep him from it. The device is a
 * loop device of the test's own.
 */

const namespace = "forged";
const stage = useDaemon(namespace);
const { node, daemon, name, condition, domainOf, phase } = stage;
const settings = {
  holdImage: "localhost/hold:latest",
  holdPullPolicy: "IfNotPresent",
  imageMode: "ImageVolume",
  globalNetworks: [],
} as const;
const claimName = "device";
const volumes = [{ name: "data", persistentVolumeClaim: { claimName } }];

/** The numbers of a loop device that no claim has given to anybody. */
let device: string;

beforeAll(async () => {
  const label = "pod-security.kubernetes.io/enforce=privileged";
  await cluster.kubectl(["label", "namespace", namespace, label, "--overwrite"]);
  device = await daemon.sh(`
    truncate -s 8M /var/lib/others.raw
    loop=$(losetup --associated /var/lib/others.raw --noheadings --output NAME)
    stat -c '%Hr %Lr' "\${loop:-$(losetup --find --show /var/lib/others.raw)}"`);
  return async () => {
    await daemon.sh("losetup --detach $(losetup --associated /var/lib/others.raw --noheadings --output NAME)");
  };
});

/** A pod that says it is an instance's placeholder, and makes the node of that device where the claim's would be. */
function forged(instance: VirtualMachineInstance, made: Pod): Pod {
  const { containers = [], volumes: own } = made.spec ?? {};
  const script = `mkdir -p /dev/kubevirt; rm -f /dev/kubevirt/data; mknod /dev/kubevirt/data b ${device}; echo made; sleep 1000`;
  const container = {
    ...containers[0],
    name: "compute",
    image: "localhost/toolbox:latest",
    imagePullPolicy: "Never",
    command: ["sh", "-c", script],
    securityContext: { privileged: true, runAsUser: 0 },
  };
  return {
    metadata: { ...made.metadata, namespace: instance.metadata.namespace ?? "" },
    spec: {
      containers: [container],
      ...(own ? { volumes: own } : {}),
      nodeSelector: { "kubernetes.io/hostname": node.name },
      terminationGracePeriodSeconds: 0,
    },
  };
}

/** Creates the pod, waits until it has made its device, and hands the instance over as if that pod were the controller's. */
async function handOver(created: VirtualMachineInstance, made: Pod): Promise<void> {
  const pod = await stage.controller.client.create(pods, forged(created, made));
  const podName = pod.metadata?.name ?? "";
  await cluster.kubectl(["wait", "pod", podName, "--for=condition=Ready", "--timeout=60s", `--namespace=${namespace}`]);
  await stage.controller.handOver(created, pod, node.name);
}

/** Whether a process of the node has the device open, as QEMU would. */
async function isOpen(): Promise<boolean> {
  const [major, minor] = device.split(" ");
  const block = await daemon.sh(`readlink /sys/dev/block/${major}:${minor} | xargs basename`);
  return (await daemon.sh(`ls -l /proc/[0-9]*/fd 2>/dev/null | grep -c '/${block}$' || true`)) !== "0";
}

test("a device in a pod that was not made with a claim is not taken, whatever its container has at that path", async () => {
  const instance = aGuestless(name(), namespace, { volumes });
  const { created, pod } = await stage.controller.create(instance, "nowhere");
  await stage.controller.client.delete(pods, { namespace, name: pod.metadata?.name ?? "" });
  const bare = placeholderPod({ ...created, spec: { ...created.spec, volumes: [] } }, settings);
  await handOver(created, bare);
  const message = expect.stringContaining("the placeholder pod was not made with its claim");
  await condition(instance, "Synchronized", { status: "False", message });
  expect(await isOpen()).toBe(false);
});

test("a device that the kubelet has not mapped for the pod is not taken, where another one of its claim belongs", async () => {
  const spec = {
    storageClassName: "block",
    volumeMode: "Block",
    accessModes: ["ReadWriteOnce"],
    resources: { requests: { storage: "1Gi" } },
  };
  const claim = { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name: claimName, namespace }, spec };
  await cluster.kubectl(["apply", "--filename=-"], { input: JSON.stringify(claim) });
  const instance = aGuestless(name(), namespace, { volumes });
  const { created, pod } = await stage.controller.create(instance, "nowhere");
  await stage.controller.client.delete(pods, { namespace, name: pod.metadata?.name ?? "" });
  await handOver(created, placeholderPod(created, settings, new Map([[claimName, { spec }]])));
  const message = expect.stringContaining("the kubelet has not mapped its device for the placeholder pod");
  await condition(instance, "Synchronized", { status: "False", message });
  expect(await isOpen()).toBe(false);

  await cluster.kubectl(["delete", "pods", "--all", "--force", "--grace-period=0", `--namespace=${namespace}`]);
  const volume = await cluster.kubectl([
    "get",
    "pvc",
    claimName,
    `--namespace=${namespace}`,
    "--output=jsonpath={.spec.volumeName}",
  ]);
  await cluster.kubectl(["delete", "pvc", claimName, `--namespace=${namespace}`]);
  await cluster.kubectl(["patch", "pv", volume, "--type=merge", '--patch={"spec":{"claimRef":null}}']);
});

test("no guest runs in a pod that is not the recorded one, though it has the name, the owner and the labels", async () => {
  const { created, pod } = await stage.controller.create(aGuestless(name(), namespace), node.name);
  await cluster.kubectl(["wait", "pod", pod.metadata?.name ?? "", "--for=condition=Ready", `--namespace=${namespace}`]);
  const another = { ...pod, metadata: { ...pod.metadata, uid: "00000000-0000-4000-8000-000000000000" } };
  await stage.controller.handOver(created, another, node.name);
  const { status } = await phase(created, "Failed");
  expect(status).toMatchObject({ reason: expect.stringContaining("is gone") });
  expect(await daemon.sh("virsh list --all --name")).not.toContain(domainOf(created));
});
