import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { placeholderName } from "../../../api/contract/placeholder.ts";
import type { KubeClient } from "../../../api/kube/client/client.ts";
import { type Event, events } from "../../../api/kube/events.ts";
import {
  nodes as nodeResource,
  type Pod,
  pods,
  type Secret,
  secrets,
} from "../../../api/kube/resources/core-resources.ts";
import {
  instances,
  kubevirts,
  machines,
  type VirtualMachine,
  type VirtualMachineInstance,
} from "../../../api/resources.ts";
import { type ControllerRevision, controllerRevisions, revisionName } from "../../../api/revision.ts";
import { apiServiceNames, apiServices } from "../../../controller/certificates/api-services.ts";
import { useAddOn } from "../add-on.ts";
import { aPod, cluster, eventually, useNamespace } from "../cluster.ts";
import * as stage from "../controller/stage.ts";
import { accountClient, outcome } from "../node-daemon/token.ts";
import { Injector } from "./injecting.ts";
import { anInstance, everything, namespaceName, placeholderOf, strangePods } from "./strange-pods.ts";

/* What somebody can do who has taken the controller's token, on its node. Nearly all of it is tried as a dry run. */

useAddOn();
const namespace = useNamespace(namespaceName);
let thief: KubeClient;

beforeAll(async () => {
  thief = await accountClient("virt-controller");
  await namespace.kubectl("create", "serviceaccount", "robot");
  await namespace.apply(aPod("bystander", "sleep 1000"), waiting("waits"));
  await stage.untilPhase(namespace, "waits", "Pending");
});

afterAll(async () => {
  await namespace.kubectl("delete", "vm,vmi", "--all", "--timeout=120s");
  thief.close();
});

const dryRun = true;
const at = (name: string) => ({ namespace: namespace.name, name });
const made = (pod: Pod) => outcome(thief.create(pods, pod, { dryRun }));

/** An instance that has no pod, as its claim is not there. */
const waiting = (name: string): object =>
  stage.anInstance(name, { volumes: [{ name: "data", persistentVolumeClaim: { claimName: `${name}-data` } }] });

/** An instance, or a machine, that is there. */
const there = async (name: string): Promise<VirtualMachineInstance> => (await stage.readInstance(namespace, name))!;
const machine = async (name: string): Promise<VirtualMachine> => (await stage.readMachine(namespace, name))!;

describe("pods", () => {
  test.for(["ImageVolume", "HoldContainer"] as const)(
    "as the controller makes them are made, images being %s",
    async (imageMode) => {
      expect(await made(placeholderOf(anInstance(), imageMode))).toBe("done");
      expect(await made(placeholderOf(everything, imageMode))).toBe("done");
      const long = { name: `${"a".repeat(60)}.${"b".repeat(63)}.${"c".repeat(63)}.${"d".repeat(63)}` };
      expect(await made(placeholderOf(anInstance({}, long), imageMode))).toBe("done");
    },
  );

  test.for(strangePods)("that are %s are not", async ([, pod, words]) => {
    expect(await made(pod)).toContain(words);
  });

  test("that others make are as they were", async () => {
    const create = ["create", "--dry-run=server", "--filename=-", "--output=json"];
    const input = JSON.stringify(aPod("another", "sleep 1000"));
    const pod = JSON.parse(await cluster.kubectl([`--namespace=${namespace.name}`, ...create], { input })) as Pod;
    expect(pod.metadata?.annotations).toBeUndefined();
  });

  test("of others are not deleted, and what stands in a placeholder's place is", async () => {
    expect(await outcome(thief.delete(pods, at("bystander"), { dryRun }))).toContain("bystander is neither");
    const kubevirt = await cluster.kubectl(["get", "pods", "--namespace=kubevirt", "--output=name"]);
    const [name = ""] = kubevirt.trim().split("\n");
    const daemon = { namespace: "kubevirt", name: name.replace("pod/", "") };
    expect(await outcome(thief.delete(pods, daemon, { dryRun }))).toContain("is neither");
    // This one the controller that runs here has not made, and so it removes it.
    const instance = await there("waits");
    expect(await outcome(thief.create(pods, placeholderOf(instance)))).toBe("done");
    await stage.untilGone(namespace, "pod", placeholderName(instance.metadata));
    expect((await there("waits")).metadata.annotations?.["kubevirt.io/placeholder-uid"]).toBeUndefined();
  });

  test("are written no other way", async () => {
    const patch = { metadata: { labels: { tier: "web" } } };
    expect(await outcome(thief.mergePatch(pods, at("bystander"), patch, { dryRun }))).toContain("cannot patch");
    const grown = { spec: { containers: [{ name: "main", resources: { requests: { cpu: "2m" } } }] } };
    expect(await outcome(thief.mergePatch(pods, at("bystander"), grown, { subresource: "resize" }))).toContain(
      "cannot patch",
    );
  });
});

describe("instances", () => {
  const instance = (more: object = {}) => ({ ...anInstance(), metadata: { ...at("new"), ...more } });

  test("are made of machines only, and not as if they were placed", async () => {
    const create = (object: VirtualMachineInstance) => outcome(thief.create(instances, object, { dryRun }));
    const owner = { apiVersion: "kubevirt.io/v1", kind: "VirtualMachine", name: "new", uid: "1", controller: true };
    const ownerReferences = [owner];
    expect(await create(instance())).toContain("only of the VirtualMachine of its name");
    expect(await create(instance({ ownerReferences: [{ ...owner, name: "other" }] }))).toContain("of its name");
    expect(await create(instance({ ownerReferences, labels: { "kubevirt.io/nodeName": "node-1" } }))).toContain(
      "before it has a pod and a node",
    );
    expect(await create(instance({ ownerReferences }))).toBe("done");
  });

  test.for<[object, string]>([
    [
      { metadata: { labels: { team: "a" } } },
      "metadata.labels: team: the controller changes only kubevirt.io/nodeName",
    ],
    [{ metadata: { annotations: { "cdi.k8s.io/x": "y" } } }, "metadata.annotations: cdi.k8s.io/x: "],
    [{ metadata: { finalizers: ["example.org/stays"] } }, "metadata.finalizers: example.org/stays: "],
    [
      { metadata: { ownerReferences: [{ apiVersion: "v1", kind: "Node", name: "node-1", uid: "1" }] } },
      "metadata.ownerReferences: ",
    ],
    [{ spec: { volumes: [] } }, "spec.volumes: of an instance's spec the controller changes only"],
    [{ spec: { domain: { memory: { guest: "4Gi" } } } }, "spec.domain.memory.guest: "],
    [{ spec: { domain: { machine: { type: "pc-q35-7.2" } } } }, "spec.domain.machine: "],
    [{ spec: { domain: { chassis: { serial: "1" } } } }, "spec.domain.chassis: "],
    [{ spec: { nodeSelector: { zone: "a" } } }, "spec.nodeSelector: "],
  ])("are not changed otherwise than at a hand-over: %j", async ([patch, words]) => {
    expect(await outcome(thief.mergePatch(instances, at("waits"), patch, { dryRun }))).toContain(words);
  });

  test("are handed over, and stay where they are then", async () => {
    await namespace.apply(stage.aMachine("placed", "Always"));
    const { metadata } = await stage.untilPhase(namespace, "placed", "Running");
    const change = (patch: object) => outcome(thief.mergePatch(instances, at("placed"), patch, { dryRun }));
    const stays = "an instance that has been handed over stays on its node and with its pod";
    expect(await change({ metadata: { labels: { "kubevirt.io/nodeName": "node-3" } } })).toContain(stays);
    expect(await change({ metadata: { annotations: { "kubevirt.io/placeholder-uid": "1" } } })).toContain(stays);
    expect(await change({ spec: { terminationGracePeriodSeconds: 1 } })).toBe("done");
    expect(await outcome(thief.delete(instances, at("placed"), { dryRun }))).toBe("done");
    expect(await outcome(thief.delete(instances, at("waits"), { dryRun }))).toContain("but that of a VirtualMachine");
    expect(metadata.annotations?.["kubevirt.io/placeholder-uid"]).toMatch(/^[0-9a-f-]{36}$/);
  });
});

test.for<[object, string]>([
  [
    { spec: { template: { spec: { domain: { memory: { guest: "4Gi" } } } } } },
    "spec: template: the controller changes",
  ],
  [{ metadata: { labels: { team: "a" } } }, "metadata.labels: team: the controller changes none"],
  [{ metadata: { annotations: { team: "a" } } }, "metadata.annotations: team: "],
  [{ metadata: { finalizers: ["example.org/stays"] } }, "metadata.finalizers: example.org/stays: "],
  [
    { metadata: { ownerReferences: [{ apiVersion: "v1", kind: "Node", name: "node-1", uid: "1" }] } },
    "metadata.ownerReferences: the controller changes none",
  ],
  [{ spec: { runStrategy: "Halted" } }, "done"],
])("of a machine nothing but its run strategy is changed: %j", async ([patch, words]) => {
  await namespace.apply(stage.aMachine("kept", "Manual"));
  expect(await outcome(thief.mergePatch(machines, at("kept"), patch, { dryRun }))).toContain(words);
});

test("only a machine or an instance with an expiry is deleted", async () => {
  const remove = () => outcome(thief.delete(machines, at("kept"), { dryRun }));
  await namespace.apply(stage.aMachine("kept", "Manual"));
  expect(await remove()).toContain("deletes no VirtualMachine but one with an expiry");
  for (const kind of ["vm/kept", "vmi/waits"]) {
    await namespace.kubectl("annotate", kind, "kubevirt.io/expire-after=1h", "--overwrite");
  }
  expect(await remove()).toBe("done");
  expect(await outcome(thief.delete(instances, at("waits"), { dryRun }))).toBe("done");
});

test.for<[object, string]>([
  [{ spec: { unschedulable: true } }, "spec: the controller changes none"],
  [{ spec: { taints: [{ key: "example.org/away", effect: "NoExecute" }] } }, "spec: the controller changes none"],
  [{ metadata: { labels: { "example.org/zone": "mine" } } }, "metadata.labels: example.org/zone: "],
  [{ metadata: { annotations: { "kubevirt.io/heartbeat": null } } }, "metadata.annotations: kubevirt.io/heartbeat: "],
  [{ metadata: { finalizers: ["example.org/stays"] } }, "metadata.finalizers: the controller changes none"],
  [{ metadata: { labels: { "kubevirt.io/schedulable": "yes" } } }, "the controller may only set this label to false"],
  [{ metadata: { labels: { "kubevirt.io/schedulable": "false" } } }, "done"],
])("a node is taken out, and not changed otherwise: %j", async ([patch, words]) => {
  expect(await outcome(thief.mergePatch(nodeResource, { name: "node-1" }, patch, { dryRun }))).toContain(words);
});

test("revisions are kept of machines, under their names, and one object tells of the installation", async () => {
  await namespace.apply(stage.aMachine("kept", "Manual"));
  const { uid = "" } = (await machine("kept")).metadata;
  const owner = { apiVersion: "kubevirt.io/v1", kind: "VirtualMachine", name: "kept", uid, controller: true };
  const revision = (metadata: object): ControllerRevision => ({
    apiVersion: "apps/v1",
    kind: "ControllerRevision",
    metadata: { ...at(revisionName(uid, 1)), ownerReferences: [owner], ...metadata },
    data: { spec: {} },
    revision: 1,
  });
  const keep = (metadata: object = {}) => outcome(thief.create(controllerRevisions, revision(metadata), { dryRun }));
  expect(await keep()).toBe("done");
  for (const other of [
    { name: "web-1" },
    { ownerReferences: [{ ...owner, apiVersion: "apps/v1", kind: "StatefulSet" }] },
    { labels: { app: "web" } },
  ]) {
    expect(await keep(other)).toContain("keeps and removes only revisions of VirtualMachines");
  }
  const another = {
    apiVersion: "kubevirt.io/v1" as const,
    kind: "KubeVirt" as const,
    metadata: at("kubevirt"),
    spec: {},
  };
  expect(await outcome(thief.create(kubevirts, another, { dryRun }))).toContain(
    "makes one KubeVirt, kubevirt/kubevirt",
  );
});

test("events are told as the controller's, of what it tells", async () => {
  const event = (more: Partial<Event> = {}): Event => ({
    apiVersion: "v1",
    kind: "Event",
    metadata: at("told"),
    involvedObject: { apiVersion: "kubevirt.io/v1", kind: "VirtualMachine", ...at("kept") },
    reason: "Told",
    message: "It is told.",
    type: "Normal",
    source: { component: "virt-controller" },
    reportingComponent: "virt-controller",
    reportingInstance: "virt-controller-1",
    ...more,
  });
  const tell = (one: Event) => outcome(thief.create(events, one, { dryRun }));
  expect(await tell(event())).toBe("done");
  expect(await tell(event({ source: { component: "kubelet" } }))).toContain("may write events only as virt-controller");
  expect(await tell(event({ reportingComponent: "kubelet" }))).toContain("may write events only as virt-controller");
  const involvedObject = { apiVersion: "v1", kind: "Pod", ...at("bystander") };
  expect(await tell(event({ involvedObject }))).toContain("involvedObject: Pod: ");
});

test("of the registration of its API whom to trust is changed, and not who answers", async () => {
  const [name = ""] = apiServiceNames;
  const change = (patch: object) => outcome(thief.mergePatch(apiServices, { name }, patch, { dryRun }));
  expect(await change({ spec: { service: { name: "other" } } })).toContain(
    "spec: service: the controller changes only",
  );
  expect(await change({ spec: { groupPriorityMinimum: 1 } })).toContain("spec: groupPriorityMinimum: ");
  expect(await change({ metadata: { labels: { mine: "yes" } } })).toContain("metadata.labels: mine: ");
  expect(await change({ spec: { caBundle: Buffer.from("-").toString("base64") } })).not.toContain("denied request");
  expect(await outcome(thief.mergePatch(apiServices, { name: "v1.apps" }, {}, { dryRun }))).toContain("cannot patch");
});

describe("Secrets", () => {
  test("of other names are not read, in its namespace and any other", async () => {
    const inOwn = { namespace: "kubevirt", name: "virt-ca" };
    expect(await outcome(thief.get(secrets, inOwn))).toBe("done");
    expect(await outcome(thief.get(secrets, { ...inOwn, name: "registry" }))).toContain("cannot get");
    expect(await outcome(thief.list(secrets, { namespace: "kubevirt" }))).toContain("cannot list");
    expect(await outcome(thief.list(secrets, { namespace: namespace.name }))).toContain("cannot list");
  });

  test("are certificates when they are written, and never somebody's token", async () => {
    const secret = (name: string, type: string): Secret => ({
      apiVersion: "v1",
      kind: "Secret",
      type,
      data: { "tls.crt": "", "tls.key": "" },
      metadata: { namespace: "kubevirt", name, annotations: { "kubernetes.io/service-account.name": "default" } },
    });
    const create = (one: Secret) => outcome(thief.create(secrets, one, { dryRun }));
    const token = "kubernetes.io/service-account-token";
    expect(await create(secret("mine", token))).toContain("the controller writes no Secret mine of type");
    expect(await create(secret("mine", "kubernetes.io/tls"))).toContain("the controller writes no Secret mine");
  });
});

describe("the controller itself", () => {
  test("starts a machine, has it wait for its claim, and stops it", async () => {
    const volumes = [{ name: "data", persistentVolumeClaim: { claimName: "late" } }];
    await namespace.apply(stage.aMachine("usual", "Always", { volumes }));
    await stage.untilStatus(namespace, "usual", "ErrorPvcNotFound");
    const spec = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "64Mi" } } };
    await namespace.apply({ apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name: "late" }, spec });
    await stage.untilStatus(namespace, "usual", "Running");
    await namespace.kubectl("patch", "vm", "usual", "--type=merge", '--patch={"spec":{"runStrategy":"Halted"}}');
    await stage.untilStatus(namespace, "usual", "Stopped");
    expect((await machine("usual")).status?.created).toBeUndefined();
  });

  test("makes pods also where a webhook of others adds a container to them", async () => {
    const injector = await Injector.start(namespace.name);
    try {
      await namespace.apply(stage.anInstance("meshed"));
      const { metadata } = await stage.untilPhase(namespace, "meshed", "Running");
      const pod = await stage.read<Pod>(namespace, "pod", placeholderName(metadata));
      expect(pod?.spec?.containers.map(({ name }) => name)).toEqual(["compute", "sidecar"]);
      expect(pod?.metadata?.annotations?.["kubevirt.io/requested-containers"]).toBe("compute");
      // What is asked for with the token is held to what the controller makes all the same.
      const [, shell] = strangePods.find(([what]) => what === "of another program")!;
      await eventually(async () => expect(await made(shell)).toContain("compute: it does not run hold alone"));
    } finally {
      await injector.end();
    }
  });
});
