import https from "node:https";
import { afterAll, beforeAll, expect, test } from "vitest";
import { install as installAddOn } from "../../../cluster/install.ts";
import { progress } from "../../../cluster/progress.ts";
import { useSourcesOnly } from "../add-on.ts";
import { cluster, eventually, useNamespace } from "../cluster.ts";
import { ApiProxy } from "./api-proxy.ts";
import { ControllerProcess } from "./controller-process.ts";
import { install, kubeconfigFor } from "./service-account.ts";
import { aMachine, readInstance } from "./stage.ts";

useSourcesOnly();
const theirs = useNamespace("their-kubevirt");
const namespace = useNamespace("beside-kubevirt");
const port = 28_443;

let proxy: ApiProxy;
let controller: ControllerProcess;

/** What KubeVirt's operator is in a cluster: its Deployment, here without pods, and the object that it has taken on. */
const operator = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "virt-operator", labels: { "kubevirt.io": "virt-operator" } },
  spec: {
    replicas: 0,
    selector: { matchLabels: { "kubevirt.io": "virt-operator" } },
    template: {
      metadata: { labels: { "kubevirt.io": "virt-operator" } },
      spec: { containers: [{ name: "virt-operator", image: "quay.io/kubevirt/virt-operator:v1.9.0" }] },
    },
  },
};
const installation = {
  apiVersion: "kubevirt.io/v1",
  kind: "KubeVirt",
  metadata: { name: "kubevirt", finalizers: ["foregroundDeleteKubeVirt"] },
};

const words =
  /KubeVirt is in this cluster \(Deployment their-kubevirt\/virt-operator, KubeVirt their-kubevirt\/kubevirt\)/;

async function removeTheirs(): Promise<void> {
  const patch = '--patch={"metadata":{"finalizers":null}}';
  await theirs.kubectl("patch", "kubevirts.kubevirt.io/kubevirt", "--type=merge", patch).catch(() => {});
  await theirs.kubectl("delete", "deployment/virt-operator", "kubevirts.kubevirt.io/kubevirt", "--ignore-not-found");
}

beforeAll(async () => {
  await install();
  await cluster.kubectl(["delete", "lease", "virt-controller", "--namespace=kubevirt", "--ignore-not-found"]);
  await theirs.apply(operator, installation);
  proxy = await ApiProxy.start();
  controller = new ControllerProcess(await kubeconfigFor(proxy), "beside-kubevirt");
});

afterAll(async () => {
  await controller.end();
  proxy.end();
  await removeTheirs();
  await namespace.kubectl("delete", "vm,vmi", "--all", "--wait=false");
  // Nobody is left who would take it off.
  const patch = '--patch={"metadata":{"finalizers":null}}';
  await namespace.kubectl("patch", "vm/eager", "--type=merge", patch).catch(() => {});
});

/** What the controller answers. */
async function asked(path: string): Promise<{ status: number | undefined; body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number | undefined; body: string }>();
  const request = https.get({ host: "127.0.0.1", port, path, rejectUnauthorized: false, agent: false }, (response) => {
    let body = "";
    response.on("data", (chunk: Buffer) => (body += chunk.toString()));
    response.on("end", () => resolve({ status: response.statusCode, body }));
  });
  request.on("error", reject);
  return promise;
}

test("nothing is installed where KubeVirt is, and who tries is told what was found", async () => {
  const before = await cluster.kubectl([
    "get",
    "crd/virtualmachines.kubevirt.io",
    "--output=jsonpath={.metadata.resourceVersion}",
  ]);
  await expect(installAddOn(cluster, progress({ live: false, quietBelow: 1e9 }))).rejects.toThrow(words);
  expect(
    await cluster.kubectl(["get", "crd/virtualmachines.kubevirt.io", "--output=jsonpath={.metadata.resourceVersion}"]),
  ).toBe(before);
});

test("a controller beside KubeVirt says so wherever somebody looks, and touches nothing", async () => {
  await namespace.apply(aMachine("eager", "Always"));
  controller.start(`--port=${port}`);
  await eventually(async () =>
    expect(await asked("/readyz")).toMatchObject({ status: 503, body: expect.stringMatching(words) }),
  );
  expect(await asked("/healthz")).toMatchObject({ status: 200 });
  expect(controller.log).toMatch(words);
  await eventually(async () => {
    const selector = "--field-selector=reason=KubeVirtPresent,involvedObject.name=beside-kubevirt";
    const events = await cluster.kubectl(["get", "events", "--namespace=kubevirt", selector]);
    expect(events).toMatch(words);
  });
  expect(proxy.objectWrites).toEqual([]);
  const lease = ["get", "lease", "virt-controller", "--namespace=kubevirt", "--ignore-not-found"];
  expect(await cluster.kubectl(lease)).toBe("");
  expect(await readInstance(namespace, "eager")).toBeUndefined();
});

test("once KubeVirt is gone it does its work", async () => {
  await removeTheirs();
  await eventually(async () => expect(await readInstance(namespace, "eager")).toBeDefined());
});

test("when KubeVirt comes it ends, and lets go of its leadership", async () => {
  await theirs.apply(operator);
  await eventually(async () => expect(controller.isRunning).toBe(false), 120_000);
  expect(controller.log).toContain("KubevirtPresentError");
  const holder = "--output=jsonpath={.spec.holderIdentity}";
  expect(await cluster.kubectl(["get", "lease", "virt-controller", "--namespace=kubevirt", holder])).toBe("");
});
