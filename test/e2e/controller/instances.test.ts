import { expect, test } from "vitest";
import { placeholderName } from "../../../api/contract/placeholder.ts";
import type { Pod } from "../../../api/kube/resources/core-resources.ts";
import type { VirtualMachineInstance } from "../../../api/resources.ts";
import { aPod, eventually } from "../cluster.ts";
import {
  aMachine,
  anInstance,
  read,
  readInstance,
  untilGone,
  untilPhase,
  untilStatus,
  useStage,
  withQuota,
} from "./stage.ts";

const stage = useStage("instances");
const { namespace } = stage;

const podOf = (instance: VirtualMachineInstance) => read<Pod>(namespace, "pod", placeholderName(instance.metadata));

const containerDisk = (image: string, imagePullPolicy = "IfNotPresent") => ({
  volumes: [{ name: "root", containerDisk: { image, imagePullPolicy } }],
});

test("an instance without a machine runs, with its defaults written out and its phases told with their times", async () => {
  await namespace.apply(anInstance("bare", containerDisk("localhost/tiny:latest")));
  const instance = await untilPhase(namespace, "bare", "Running");
  expect(instance.metadata.labels?.["kubevirt.io/nodeName"]).toBe(instance.status?.nodeName);
  expect(instance.spec.domain.devices?.disks).toMatchObject([{ name: "root" }]);
  expect(instance.spec.domain.firmware?.uuid).toMatch(/^[0-9a-f-]{36}$/);
  const phases = instance.status?.phaseTransitionTimestamps?.map(({ phase }) => phase);
  expect(phases).toEqual(["Pending", "Scheduling", "Scheduled", "Running"]);
  const pod = await podOf(instance);
  expect(instance.status?.activePods).toEqual({ [pod?.metadata?.uid ?? ""]: pod?.spec?.nodeName });
  expect(pod?.spec?.volumes).toMatchObject([
    { name: "root", image: { reference: "localhost/tiny:latest" } },
    { name: "ephemeral-disks", emptyDir: {} },
  ]);
  expect(pod?.metadata?.labels).toMatchObject({
    "kubevirt.io": "virt-launcher",
    "kubevirt.io/created-by": instance.metadata.uid,
    "vmi.kubevirt.io/id": "bare",
  });
});

test("an instance that fits on no node says so with the scheduler's words, until a node fits", async () => {
  await namespace.apply(aMachine("unfit", "Always", { nodeSelector: { "test/fits": "yes" } }));
  const machine = await untilStatus(namespace, "unfit", "ErrorUnschedulable");
  const ready = machine.status?.conditions?.find(({ type }) => type === "Ready");
  expect(ready).toMatchObject({ status: "False", reason: "Unschedulable" });
  expect(ready?.message).toContain("didn't match Pod's node affinity/selector");
  const instance = await untilPhase(namespace, "unfit", "Scheduling");
  expect(instance.status?.conditions).toContainEqual(
    expect.objectContaining({ type: "PodScheduled", status: "False", message: ready?.message }),
  );
  await namespace.kubectl("label", "node", "node-1", "test/fits=yes");
  try {
    const running = await untilStatus(namespace, "unfit", "Running");
    expect(running.status?.conditions?.find(({ type }) => type === "Ready")?.status).toBe("True");
    const placed = await readInstance(namespace, "unfit");
    expect(placed?.status?.conditions?.some(({ type }) => type === "PodScheduled")).toBe(false);
  } finally {
    await namespace.kubectl("label", "node", "node-1", "test/fits-");
  }
});

test.for([
  ["Never", "ErrImagePull", /missing|not present|ErrImageNeverPull/i],
  ["IfNotPresent", "ImagePullBackOff", /localhost\/missing:1/],
] as const)("a container disk that cannot be had (%s) is told as %s with the kubelet's words", async (parameters) => {
  const [policy, status, words] = parameters;
  const name = `no-image-${policy.toLowerCase()}`;
  await namespace.apply(aMachine(name, "Always", containerDisk("localhost/missing:1", policy)));
  const machine = await untilStatus(namespace, name, status);
  const condition = machine.status?.conditions?.find(({ type }) => type === "Ready");
  expect(condition?.message).toMatch(words);
  const instance = await readInstance(namespace, name);
  expect(instance?.status?.conditions?.find(({ type }) => type === "Ready")?.message).toMatch(words);
  await namespace.kubectl("delete", "vm", name, "--timeout=60s");
});

test("an instance whose Secret is not there says so with the kubelet's words, until it is", async () => {
  const volumes = [{ name: "seed", cloudInitNoCloud: { secretRef: { name: "user-data" } } }];
  stage.daemon.behave(namespace.name, "no-secret", "silence");
  await namespace.apply(anInstance("no-secret", { volumes }));
  const ready = async () => {
    const instance = await readInstance(namespace, "no-secret");
    return instance?.status?.conditions?.find(({ type }) => type === "Ready");
  };
  // At first the kubelet may only say that it does not know the Secret yet.
  const message = expect.stringContaining('secret "user-data" not found') as string;
  await eventually(async () => expect(await ready()).toMatchObject({ reason: "FailedMount", message }));
  await namespace.kubectl("create", "secret", "generic", "user-data", "--from-literal=userdata=#cloud-config");
  await eventually(async () => expect(await ready()).toMatchObject({ reason: "GuestNotRunning" }));
  stage.daemon.behave(namespace.name, "no-secret", "run");
  await untilPhase(namespace, "no-secret", "Running");
});

test("an instance whose pod is refused says so, and runs when the refusal is gone", async () => {
  await withQuota(namespace, { pods: "0" }, async () => {
    await namespace.apply(anInstance("refused"));
    const pending = await untilPhase(namespace, "refused", "Pending");
    expect(pending.status?.conditions).toContainEqual(
      expect.objectContaining({ type: "Synchronized", status: "False", reason: "FailedCreate" }),
    );
    await eventually(async () => {
      const events = await namespace.kubectl("get", "events", "--field-selector=involvedObject.name=refused");
      expect(events).toMatch(/Warning\s+FailedCreate.*exceeded quota/);
    });
  });
  const running = await untilPhase(namespace, "refused", "Running");
  expect(running.status?.conditions?.some(({ type }) => type === "Synchronized")).toBe(false);
});

test("an instance that is deleted before it has a node vanishes with its pod", async () => {
  await namespace.apply(anInstance("early", { nodeSelector: { "test/fits": "never" } }));
  const instance = await untilPhase(namespace, "early", "Scheduling");
  await namespace.kubectl("delete", "vmi", "early", "--timeout=60s");
  await untilGone(namespace, "pod", placeholderName(instance.metadata));
  expect(await readInstance(namespace, "early")).toBeUndefined();
});

test.for(["Scheduled", "Running"])(
  "an instance that is deleted when it is %s stays until its end is told",
  async (phase) => {
    const name = `late-${phase.toLowerCase()}`;
    if (phase === "Scheduled") stage.daemon.behave(namespace.name, name, "silence");
    await namespace.apply(anInstance(name));
    const instance = await untilPhase(namespace, name, phase);
    stage.daemon.behave(namespace.name, name, "silence");
    await namespace.kubectl("delete", "vmi", name, "--wait=false");
    await eventually(async () => {
      const deleting = await readInstance(namespace, name);
      expect(deleting?.metadata.deletionTimestamp).toBeDefined();
    });
    expect((await readInstance(namespace, name))?.metadata.finalizers).toHaveLength(1);
    stage.daemon.behave(namespace.name, name, "run");
    await untilGone(namespace, "vmi", name);
    await untilGone(namespace, "pod", placeholderName(instance.metadata));
  },
);

test.for(["Succeeded", "Failed"] as const)("an instance that has %s goes when it is deleted", async (phase) => {
  const name = `ended-${phase.toLowerCase()}`;
  await namespace.apply(anInstance(name));
  await untilPhase(namespace, name, "Running");
  await stage.daemon.endGuest(namespace.name, name, phase);
  await namespace.kubectl("delete", "vmi", name, "--timeout=60s");
  expect(await readInstance(namespace, name)).toBeUndefined();
});

test("a pod in the place of an instance's pod that the controller has not made goes, and the instance gets its own", async () => {
  const volumes = [{ name: "data", persistentVolumeClaim: { claimName: "missing" } }];
  await namespace.apply(anInstance("usurped", { volumes }));
  const { metadata, apiVersion, kind } = await untilPhase(namespace, "usurped", "Pending");
  const name = placeholderName(metadata);
  const owner = { apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true };
  const forged = { name, labels: { "kubevirt.io": "virt-launcher" }, ownerReferences: [owner] };
  const restricted = {
    allowPrivilegeEscalation: false,
    runAsNonRoot: true,
    runAsUser: 107,
    capabilities: { drop: ["ALL"] },
    seccompProfile: { type: "RuntimeDefault" },
  };
  const pod = aPod(name, "sleep 1000", {}, { name: "compute", securityContext: restricted }) as { metadata: object };
  await namespace.apply({ ...pod, metadata: forged });
  await untilGone(namespace, "pod", name);
  expect((await readInstance(namespace, "usurped"))?.metadata.labels?.["kubevirt.io/nodeName"]).toBeUndefined();

  const resources = { requests: { storage: "1Mi" } };
  const spec = { accessModes: ["ReadWriteOnce"], resources };
  await namespace.apply({ apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name: "missing" }, spec });
  const running = await untilPhase(namespace, "usurped", "Running");
  const own = await podOf(running);
  expect(own?.spec?.containers).toMatchObject([{ name: "compute", command: ["/hold"] }]);
  expect(running.metadata.annotations?.["kubevirt.io/placeholder-uid"]).toBe(own?.metadata?.uid);
});

test("a pod that is deleted before it has a node is made again", async () => {
  await namespace.apply(anInstance("again", { nodeSelector: { "test/fits": "never" } }));
  const instance = await untilPhase(namespace, "again", "Scheduling");
  const before = await podOf(instance);
  await namespace.kubectl("delete", "pod", placeholderName(instance.metadata));
  await eventually(async () => {
    const after = await podOf(instance);
    expect(after?.metadata?.uid).toBeDefined();
    expect(after?.metadata?.uid).not.toBe(before?.metadata?.uid);
  });
});

test("a pod that is deleted under a running guest ends the instance, and its machine gets another one", async () => {
  await namespace.apply(aMachine("evicted", "Always"));
  const before = await untilPhase(namespace, "evicted", "Running");
  await namespace.kubectl("delete", "pod", placeholderName(before.metadata), "--wait=false");
  await eventually(async () => {
    const after = await readInstance(namespace, "evicted");
    expect(after?.status?.phase).toBe("Running");
    expect(after?.metadata.uid).not.toBe(before.metadata.uid);
  });
});
