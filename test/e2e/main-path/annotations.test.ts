import { expect, test } from "vitest";
import { cluster, eventually } from "../cluster.ts";
import { anInstance } from "../network/guest.ts";
import { useStage } from "./stage.ts";

const { namespace } = useStage("annotations");

/** One that is placed nowhere: its pod is all that matters. */
const instance = (name: string, annotations: object): object => ({
  ...anInstance(name, { nodeSelector: { no: "node" } }),
  metadata: { name, annotations },
});

const machine = (annotations: object): object => ({
  apiVersion: "kubevirt.io/v1",
  kind: "VirtualMachine",
  metadata: { name: "reaching" },
  spec: {
    // It is started by nobody, and its instance is let be.
    runStrategy: "Manual",
    template: { metadata: { annotations }, spec: { domain: { memory: { guest: "64Mi" }, devices: {} } } },
  },
});

test.for([
  ["k8s.v1.cni.cncf.io/networks", "networks are in spec.networks"],
  ["container.apparmor.security.beta.kubernetes.io/compute", "how a container is confined"],
  ["cpu-quota.crio.io", "how a container is confined"],
  ["cdi.k8s.io/disk", "how a container is confined"],
  ["kubernetes.io/config.mirror", "by these the kubelet tells pods that are its own"],
  ["sidecar.istio.io/userVolume", "what is injected runs and mounts"],
])("whoever may make machines gets nothing for a pod by the annotation %s", async ([name, why]) => {
  const annotations = { [name ?? ""]: "x" };
  await expect(namespace.apply(instance("reaching", annotations))).rejects.toThrow(
    `metadata.annotations: ${name}: ${why}`,
  );
  await expect(namespace.apply(machine(annotations))).rejects.toThrow(
    `spec.template.metadata.annotations: ${name}: ${why}`,
  );
});

test("an instance from before is told what its pod was not given, and can be changed all the same", async () => {
  const annotations = { "cdi.k8s.io/disk": "vendor.test/disk=all", "sidecar.istio.io/inject": "false" };
  // The controller, which makes instances of machines of any age, is not held to the rule.
  await namespace.apply({ ...machine({}), metadata: { name: "older" } });
  const uid = await namespace.kubectl("get", "vm", "older", "--output=jsonpath={.metadata.uid}");
  const owner = { apiVersion: "kubevirt.io/v1", kind: "VirtualMachine", name: "older", uid, controller: true };
  const create = [`--namespace=${namespace.name}`, "--as=system:serviceaccount:kubevirt:virt-controller", "create"];
  const { metadata, ...rest } = instance("older", annotations) as { metadata: object };
  const input = JSON.stringify({ ...rest, metadata: { ...metadata, ownerReferences: [owner] } });
  await cluster.kubectl([...create, "--filename=-"], { input });
  await eventually(async () => {
    const selector = "--field-selector=involvedObject.name=older,reason=AnnotationsWithheld";
    expect(await namespace.kubectl("get", "events", selector, "--output=jsonpath={.items[*].message}")).toContain(
      "The pod was not given all of metadata.annotations: cdi.k8s.io/disk: how a container is confined",
    );
  });
  const pod = ["get", "pod", "--selector=vm.kubevirt.io/name=older"];
  const given = await namespace.kubectl(...pod, "--output=jsonpath={.items[*].metadata.annotations}");
  expect(given).toContain('"sidecar.istio.io/inject":"false"');
  expect(given).not.toContain("cdi.k8s.io");
  await namespace.kubectl("annotate", "vmi", "older", "team=a");
  await expect(namespace.kubectl("annotate", "--overwrite", "vmi", "older", "cdi.k8s.io/disk=more")).rejects.toThrow(
    "metadata.annotations: cdi.k8s.io/disk: how a container is confined",
  );
});
