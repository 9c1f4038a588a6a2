import { beforeAll, expect, test } from "vitest";
import { placeholderName } from "../../../api/contract/placeholder.ts";
import type { Pod } from "../../../api/kube/resources/core-resources.ts";
import { useAddOn } from "../add-on.ts";
import { aPod, cluster, eventually, useNamespace } from "../cluster.ts";
import { read, readInstance, untilPhase } from "../controller/stage.ts";

/* What a tenant can do to the placeholders of instances who may do what he likes with the pods of his namespace. */

useAddOn();
const namespace = useNamespace("tenant");
const tenant = "--as=mallory";

beforeAll(async () => {
  const pods = "--resource=pods,pods/ephemeralcontainers,pods/resize";
  await namespace.kubectl("create", "role", "pods", "--verb=*", pods);
  await namespace.kubectl("create", "rolebinding", "pods", "--role=pods", "--user=mallory");
  await namespace.kubectl("create", "rolebinding", "mallory", "--clusterrole=edit", "--user=mallory");
  await namespace.apply(anInstance("own"));
  await untilPhase(namespace, "own", "Running");
});

function anInstance(name: string, spec: object = {}, metadata: object = {}): object {
  const domain = { memory: { guest: "64Mi" } };
  return {
    apiVersion: "kubevirt.io/v1",
    kind: "VirtualMachineInstance",
    metadata: { name, ...metadata },
    spec: { terminationGracePeriodSeconds: 0, domain, ...spec },
  };
}

/** What the tenant is told when he applies objects. */
async function refusal(...manifests: readonly object[]): Promise<string> {
  return said(() =>
    cluster.kubectl([tenant, `--namespace=${namespace.name}`, "create", "--filename=-"], {
      input: manifests.map((manifest) => JSON.stringify(manifest)).join("\n---\n"),
    }),
  );
}

/** What the tenant is told when he runs kubectl. */
const refused = (...args: readonly string[]) => said(() => namespace.kubectl(tenant, ...args));

async function said(act: () => Promise<string>): Promise<string> {
  try {
    return `done: ${await act()}`;
  } catch (error) {
    return String(error);
  }
}

const reserved = "are for pods that the controller makes";

test("he makes no pod that says it is a placeholder, neither by its label nor by its owner", async () => {
  await namespace.apply(
    anInstance("waits", { volumes: [{ name: "data", persistentVolumeClaim: { claimName: "missing" } }] }),
  );
  const { metadata, apiVersion, kind } = await untilPhase(namespace, "waits", "Pending");
  const owner = { apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true };
  const forged = (more: object): object => ({ ...aPod("forged", "sleep 1000"), metadata: more });
  const name = placeholderName(metadata);
  expect(await refusal(forged({ name, ownerReferences: [owner] }))).toContain(reserved);
  expect(await refusal(forged({ name, labels: { "kubevirt.io": "virt-launcher" } }))).toContain(reserved);
  // Nor does a program that makes pods for him.
  const labels = { app: "forged", "kubevirt.io": "virt-launcher" };
  const { spec } = aPod("forged", "sleep 1000") as { spec: object };
  const replicaSet = {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: { name: "forged" },
    spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
  expect(await refusal(replicaSet)).toContain("done");
  await eventually(async () =>
    expect(await namespace.kubectl("get", "events", "--field-selector=reason=FailedCreate")).toContain(reserved),
  );
  await namespace.kubectl("delete", "replicaset", "forged");
  await namespace.kubectl("delete", "vmi", "waits");
});

test("he makes no pod of his own into one", async () => {
  expect(await refusal(aPod("harmless", "sleep 1000"))).toContain("done");
  expect(await refused("label", "pod", "harmless", "kubevirt.io=virt-launcher")).toContain(
    "reserved for the controller",
  );
  const { metadata, apiVersion, kind } = (await readInstance(namespace, "own"))!;
  const ownerReferences = [{ apiVersion, kind, name: metadata.name, uid: metadata.uid }];
  const patch = JSON.stringify({ metadata: { ownerReferences } });
  expect(await refused("patch", "pod", "harmless", `--patch=${patch}`)).toContain("cannot be changed");
  expect(await refused("label", "pod", "harmless", "mine=yes")).toContain("done");
});

test("he changes nothing that the placeholder of a running guest is known or counted by", async () => {
  const pod = placeholderName((await readInstance(namespace, "own"))!.metadata);
  const before = await read<Pod>(namespace, "pod", pod);
  expect(await refused("set", "image", `pod/${pod}`, "compute=localhost/toolbox:latest")).toContain(
    "cannot be changed",
  );
  const debug = ["debug", pod, "--image=localhost/toolbox:latest", "--target=compute", "--", "sleep", "1"];
  expect(await refused(...debug)).toContain("cannot be changed");
  const resize = '--patch={"spec":{"containers":[{"name":"compute","resources":{"requests":{"cpu":"1m"}}}]}}';
  expect(await refused("patch", "pod", pod, "--subresource=resize", resize)).toContain("cannot be changed");
  expect(await refused("label", "pod", pod, "kubevirt.io/created-by-")).toContain("reserved for the controller");
  const orphan = '--patch={"metadata":{"ownerReferences":null}}';
  expect(await refused("patch", "pod", pod, "--type=merge", orphan)).toContain("cannot be changed");
  expect((await read<Pod>(namespace, "pod", pod))?.spec).toEqual(before?.spec);
  // His Services may well select it.
  expect(await refused("label", "pod", pod, "tier=web")).toContain("done");
});

test("he has the programs take no pod for the instance's but the one that the controller made", async () => {
  const annotation = "kubevirt.io/placeholder-uid";
  const uid = "00000000-0000-4000-8000-000000000000";
  expect(await refusal(anInstance("named", {}, { annotations: { [annotation]: uid } }))).toContain(
    `metadata.annotations: ${annotation}: reserved for the controller`,
  );
  expect(await refused("annotate", "vmi", "own", `${annotation}=${uid}`, "--overwrite")).toContain("reserved");
  expect(await refused("annotate", "vmi", "own", `${annotation}-`)).toContain("reserved");
  const { metadata } = (await readInstance(namespace, "own"))!;
  const pod = await read<Pod>(namespace, "pod", placeholderName(metadata));
  expect(metadata.annotations?.[annotation]).toBe(pod?.metadata?.uid);
  // Nor by way of a machine, whose instance the controller makes.
  const { spec } = anInstance("own") as { spec: object };
  const template = {
    metadata: { annotations: { [annotation]: uid }, labels: { "kubevirt.io/nodeName": "node-1" } },
    spec,
  };
  const machine = {
    apiVersion: "kubevirt.io/v1",
    kind: "VirtualMachine",
    metadata: { name: "by-template" },
    spec: { runStrategy: "Always", template },
  };
  expect(await refusal(machine)).toContain("done");
  const made = await untilPhase(namespace, "by-template", "Running");
  const own = await read<Pod>(namespace, "pod", placeholderName(made.metadata));
  expect(made.metadata.annotations?.[annotation]).toBe(own?.metadata?.uid);
  await namespace.kubectl("delete", "vm", "by-template");
});

test("an instance that is deleted without its pod leaves it behind, and the garbage collector may let go of it", async () => {
  await namespace.apply(anInstance("orphaned", { nodeSelector: { "test/fits": "never" } }));
  const { metadata } = await untilPhase(namespace, "orphaned", "Scheduling");
  await namespace.kubectl("delete", "vmi", "orphaned", "--cascade=orphan", "--timeout=60s");
  expect(await readInstance(namespace, "orphaned")).toBeUndefined();
  await namespace.kubectl("delete", "pod", placeholderName(metadata), "--ignore-not-found");
});
