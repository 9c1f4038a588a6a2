import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { daemonSigner } from "../../../api/contract/daemon-certificate.ts";
import type { KubeClient } from "../../../api/kube/client/client.ts";
import { type Event, events } from "../../../api/kube/events.ts";
import { certificateRequests } from "../../../api/kube/resources/certificate-requests.ts";
import { nodes as nodeResource, secrets } from "../../../api/kube/resources/core-resources.ts";
import type { KubeObject } from "../../../api/kube/resources/object.ts";
import type { Resource } from "../../../api/kube/resources/resource.ts";
import { instances, type VirtualMachineInstance } from "../../../api/resources.ts";
import { useSourcesOnly } from "../add-on.ts";
import { cluster, eventually, installDefinitions, nodes, useNamespace } from "../cluster.ts";
import { aRequest } from "./certificate-request.ts";
import { aGuestless, HandOver } from "./hand-over.ts";
import { daemonClient, outcome } from "./token.ts";

interface AccessReview extends KubeObject {
  spec: object;
  status?: { allowed: boolean };
}
const reviews: Resource<AccessReview> = {
  group: "authorization.k8s.io",
  version: "v1",
  plural: "subjectaccessreviews",
  kind: "SubjectAccessReview",
  namespaced: false,
};

useSourcesOnly();
const namespace = useNamespace("stolen-token");
const [own, other] = nodes.map(({ name }) => name) as [string, string];
const pod = "daemon-of-the-test";
const guard = ["namespace.yaml", "daemon-guard.yaml", "program-roles.yaml"];

let controller: HandOver;
/** Whoever has taken the token of the first node's daemon. */
let thief: KubeClient;
/** The same with a token that is bound to nothing. */
let nobody: KubeClient;

beforeAll(async () => {
  await installDefinitions();
  const files = guard.map((name) => `--filename=deploy/manifests/${name}`);
  await cluster.kubectl(["apply", "--server-side", "--force-conflicts", ...files]);
  controller = await HandOver.with(cluster.kubeconfig);
  await cluster.kubectl(["apply", "--filename=-"], { input: JSON.stringify(aDaemonPod()) });
  await cluster.kubectl(["wait", "pod", pod, "--namespace=kubevirt", "--for=condition=Ready", "--timeout=60s"]);
  thief = await daemonClient(`Pod/${pod}`);
  nobody = await daemonClient();
  // The API server takes a moment to know a new policy.
  await eventually(async () => {
    const labels = { "example.org/not-yet": "guarded" };
    const outcomes = [
      await patched(thief, own, { metadata: { labels } }),
      await outcome(told(thief, await placed("probe", other), { phase: "Failed" })),
      await outcome(thief.create(events, anEvent("probe", other))),
      await asked(nobody),
    ];
    if (outcomes.includes("done")) throw new Error("the policies are not known yet");
  });
});

afterAll(async () => {
  await cluster.kubectl(["label", "node", own, other, "example.org/not-yet-", "kubevirt.io/schedulable-"]);
  await cluster.kubectl(["delete", "pod", pod, "--namespace=kubevirt", "--ignore-not-found", "--grace-period=0"]);
  for (const { metadata } of (await controller.client.list(instances, { namespace: namespace.name })).items) {
    await controller.letGo(namespace.name, metadata.name ?? "");
  }
  await namespace.kubectl("delete", "vmi", "--all");
  for (const client of [thief, nobody, controller.client]) client.close();
});

/** A pod of the daemons' account on the first node, which does nothing. */
function aDaemonPod(): object {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: pod, namespace: "kubevirt" },
    spec: {
      nodeName: own,
      serviceAccountName: "virt-node-daemon",
      terminationGracePeriodSeconds: 0,
      containers: [{ name: "hold", image: "localhost/hold:latest", imagePullPolicy: "Never" }],
    },
  };
}

/** An instance that has been handed over to a node, or to none; one that is there already is taken as it is. */
async function placed(name: string, node?: string): Promise<VirtualMachineInstance> {
  const ref = { namespace: namespace.name, name };
  const found = await controller.client.get(instances, ref).catch(() => undefined);
  if (found) return found;
  const created = await controller.client.create(instances, aGuestless(name, namespace.name));
  if (node !== undefined) await controller.mark(created, { metadata: { uid: "of-no-pod" } }, node);
  return controller.client.get(instances, ref);
}

async function told(as: KubeClient, { metadata }: VirtualMachineInstance, status: object, more: object = {}) {
  const ref = { namespace: namespace.name, name: metadata.name ?? "" };
  return as.mergePatch(instances, ref, { status, ...more }, { subresource: "status" });
}

function anEvent(name: string, host: string, more: Partial<Event> = {}): Event {
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: `${name}.${Math.random().toString(16).slice(2)}`, namespace: namespace.name },
    involvedObject: { apiVersion: "kubevirt.io/v1", kind: "VirtualMachineInstance", name, namespace: namespace.name },
    reason: "Stopped",
    message: "The machine failed.",
    type: "Warning",
    source: { component: "virt-handler", host },
    reportingComponent: "virt-handler",
    reportingInstance: host,
    ...more,
  };
}

/** What comes of a dry run of asking a signer for a certificate. */
async function asked(as: KubeClient, signerName = daemonSigner): Promise<string> {
  return outcome(as.create(certificateRequests, aRequest({ signerName }), { dryRun: true }));
}

/** What the API server says to a review of what the daemons' account may do in a namespace, or in all. */
async function allowed(verb: string, resource: string, where: string): Promise<boolean | undefined> {
  const user = "system:serviceaccount:kubevirt:virt-node-daemon";
  const groups = ["system:serviceaccounts", "system:serviceaccounts:kubevirt", "system:authenticated"];
  const resourceAttributes = { verb, resource, namespace: where };
  const review = { apiVersion: "authorization.k8s.io/v1", kind: "SubjectAccessReview", metadata: {} };
  const { status } = await controller.client.create(reviews, { ...review, spec: { user, groups, resourceAttributes } });
  return status?.allowed;
}

const patched = (as: KubeClient, name: string, patch: object) => outcome(as.mergePatch(nodeResource, { name }, patch));

describe("with the token of a node's daemon", () => {
  test("that node is offered or not, and is heard of", async () => {
    const metadata = {
      labels: { "kubevirt.io/schedulable": "false" },
      annotations: { "kubevirt.io/heartbeat": "2026-01-01T00:00:00Z" },
    };
    expect(await patched(thief, own, { metadata })).toBe("done");
    const taken = { labels: { "kubevirt.io/schedulable": null }, annotations: { "kubevirt.io/heartbeat": null } };
    expect(await patched(thief, own, { metadata: taken })).toBe("done");
  });

  test("no other node is", async () => {
    const labels = { "kubevirt.io/schedulable": "false" };
    expect(await patched(thief, other, { metadata: { labels } })).toContain(
      `the node daemon of ${own} may not change node ${other}`,
    );
    expect(await patched(thief, other, {})).toContain(`may not change node ${other}`);
  });

  test.for([
    [{ spec: { unschedulable: true } }, "spec: a node daemon may not change this of a node"],
    [{ spec: { taints: [{ key: "example.org/away", effect: "NoExecute" }] } }, "spec: "],
    [{ metadata: { finalizers: ["example.org/stays"] } }, "metadata.finalizers: "],
    [
      { metadata: { ownerReferences: [{ apiVersion: "v1", kind: "Node", name: "nobody", uid: "0-0-0" }] } },
      "metadata.ownerReferences: ",
    ],
    [
      { metadata: { labels: { "example.org/zone": "mine", "kubevirt.io/schedulable": "false" } } },
      "metadata.labels: example.org/zone: a node daemon changes only kubevirt.io/schedulable",
    ],
    [{ metadata: { labels: { "kubernetes.io/hostname": null } } }, "metadata.labels: kubernetes.io/hostname: "],
    [{ metadata: { annotations: { "example.org/note": "mine" } } }, "metadata.annotations: example.org/note: "],
  ] as const)("nothing else of that node is changed: %j", async ([patch, message]) => {
    expect(await patched(thief, own, patch)).toContain(message);
  });

  test("a node's status stays the kubelet's, also in a patch that may be written", async () => {
    const conditions = [{ type: "Ready", status: "False" }];
    const labels = { "kubevirt.io/schedulable": "false" };
    await thief.mergePatch(nodeResource, { name: own }, { metadata: { labels }, status: { conditions } });
    const { status } = await controller.client.get(nodeResource, { name: own });
    expect(status?.conditions?.find(({ type }) => type === "Ready")).toMatchObject({ status: "True" });
    expect(await outcome(thief.mergePatch(nodeResource, { name: own }, {}, { subresource: "status" }))).toContain(
      'cannot patch resource "nodes/status"',
    );
  });

  test("an instance of that node is told of, and nothing of it but its status is changed", async () => {
    const instance = await placed("own", own);
    const labels = { "kubevirt.io/nodeName": other };
    expect(await outcome(told(thief, instance, { phase: "Running", nodeName: own }, { metadata: { labels } }))).toBe(
      "done",
    );
    const { metadata, status } = await placed("own");
    expect([metadata.labels?.["kubevirt.io/nodeName"], status?.phase]).toEqual([own, "Running"]);
    const ref = { namespace: namespace.name, name: "own" };
    expect(await outcome(thief.mergePatch(instances, ref, { metadata: { labels } }))).toContain("cannot patch");
    expect(await outcome(told(thief, instance, { nodeName: other }))).toContain(
      `status.nodeName: ${other}: the node daemon of ${own} may name no other node`,
    );
  });

  test("a machine that runs on another node is not told to have failed", async () => {
    const instance = await placed("elsewhere", other);
    await told(controller.client, instance, { phase: "Running", nodeName: other });
    for (const status of [{ phase: "Failed" }, { nodeName: own }]) {
      expect(await outcome(told(thief, instance, status))).toContain(
        `metadata.labels: kubevirt.io/nodeName: the node daemon of ${own} may not write the status of an instance of ${other}`,
      );
    }
    expect((await placed("elsewhere")).status).toMatchObject({ phase: "Running", nodeName: other });
  });

  test("an instance that is on no node yet is not told of", async () => {
    const instance = await placed("nowhere");
    const labels = { "kubevirt.io/nodeName": own };
    expect(await outcome(told(thief, instance, { phase: "Failed" }, { metadata: { labels } }))).toContain(
      "may not write the status of an instance of no node",
    );
  });

  test("events are told as that node's, about instances", async () => {
    const written = await thief.create(events, anEvent("own", own));
    const ref = { namespace: namespace.name, name: written.metadata.name ?? "" };
    expect(await outcome(thief.mergePatch(events, ref, { count: 2 }))).toBe("done");
    expect(await outcome(thief.mergePatch(events, ref, { source: { host: other } }))).toContain("source.host");
    const asOther = `source.host, reportingInstance: the node daemon of ${own} may write events only as that node`;
    expect(await outcome(thief.create(events, anEvent("own", other)))).toContain(asOther);
    expect(await outcome(thief.create(events, anEvent("own", own, { reportingInstance: other })))).toContain(asOther);
    const aboutPod = { apiVersion: "v1", kind: "Pod", name: "some-pod", namespace: namespace.name };
    expect(await outcome(thief.create(events, anEvent("own", own, { involvedObject: aboutPod })))).toContain(
      "involvedObject: Pod: a node daemon tells events of VirtualMachineInstances only",
    );
  });

  test("another node's event stays as it is", async () => {
    const written = await controller.client.create(events, anEvent("elsewhere", other));
    const ref = { namespace: namespace.name, name: written.metadata.name ?? "" };
    const taken = { source: { host: own }, reportingInstance: own, message: "All is well." };
    expect(await outcome(thief.mergePatch(events, ref, taken))).toContain("source.host");
  });
});

test("certificates are asked of the controller alone", async () => {
  expect(await asked(thief, "kubernetes.io/kube-apiserver-client")).toContain(
    "spec.signerName: kubernetes.io/kube-apiserver-client: a node daemon asks kubevirt.io/node-daemon-serving only",
  );
  expect(await asked(nobody)).toContain("names no node");
  expect(await asked(thief)).toBe("done");
});

describe("Secrets", () => {
  const verbs = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"];

  test.for(["", "default", "kube-system", "kubevirt"])(
    "of namespace %j are not its, to read or to write",
    async (where) => {
      for (const verb of verbs) expect([verb, await allowed(verb, "secrets", where)]).toEqual([verb, false]);
      // That much the answers are worth.
      expect(await allowed("list", "pods", where)).toBe(true);
    },
  );

  test("are refused to who asks with the token", async () => {
    expect(await outcome(thief.list(secrets, { namespace: namespace.name }))).toContain(
      'cannot list resource "secrets"',
    );
    const ref = { namespace: "kubevirt", name: "virt-ca" };
    expect(await outcome(thief.get(secrets, ref))).toContain('cannot get resource "secrets"');
  });
});

test("a token that is bound to a Node counts as one of that node's daemon", async () => {
  const client = await daemonClient(`Node/${other}`);
  const metadata = { labels: { "kubevirt.io/schedulable": "false" } };
  expect(await patched(client, other, { metadata })).toBe("done");
  expect(await patched(client, own, { metadata })).toContain(`may not change node ${own}`);
  client.close();
});

test("with a token that names no node nothing is written", async () => {
  const unbound = "names no node (authentication.kubernetes.io/node-name)";
  const labels = { "kubevirt.io/schedulable": "false" };
  expect(await patched(nobody, own, { metadata: { labels } })).toContain(unbound);
  for (const instance of [await placed("own", own), await placed("nowhere")]) {
    expect(await outcome(told(nobody, instance, { phase: "Failed" }))).toContain(unbound);
  }
  for (const host of [own, ""]) {
    expect(await outcome(nobody.create(events, anEvent("own", host)))).toContain(unbound);
  }
});

test("who is no node daemon is held to nothing of that", async () => {
  const metadata = { labels: { "kubevirt.io/schedulable": "true" } };
  expect(await patched(controller.client, other, { metadata })).toBe("done");
});
