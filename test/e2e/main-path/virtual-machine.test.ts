import { afterAll, beforeAll, expect, test } from "vitest";
import { cluster, eventually, nodes, useNamespace } from "../cluster.ts";
import { ControllerProcess } from "../controller/controller-process.ts";
import { DaemonOnNode } from "../node-daemon/daemon-on-node.ts";

const namespace = useNamespace("main-path", { "pod-security.kubernetes.io/enforce": "restricted" });
const daemons = nodes.map((node) => new DaemonOnNode(cluster, node));
const controller = new ControllerProcess(cluster.kubeconfig);

beforeAll(async () => {
  await cluster.kubectl(["apply", "--server-side", "--filename=deploy/manifests/crds"]);
  // The leader's Lease is kept in the add-on's namespace.
  const addOn = { apiVersion: "v1", kind: "Namespace", metadata: { name: "kubevirt" } };
  await cluster.kubectl(["apply", "--filename=-"], { input: JSON.stringify(addOn) });
  for (const daemon of daemons) {
    await daemon.kill();
    await daemon.install();
    await daemon.start();
  }
  controller.start();
});

afterAll(async () => {
  await namespace.kubectl("delete", "vm,vmi", "--all", "--timeout=60s");
  await controller.end();
  for (const daemon of daemons) await daemon.kill("SIGTERM");
});

const machine = {
  apiVersion: "kubevirt.io/v1",
  kind: "VirtualMachine",
  metadata: { name: "first" },
  spec: {
    runStrategy: "Always",
    template: {
      spec: {
        terminationGracePeriodSeconds: 20,
        domain: { memory: { guest: "160Mi" }, devices: { disks: [{ name: "root", disk: { bus: "virtio" } }] } },
        volumes: [{ name: "root", containerDisk: { image: "localhost/tiny:latest", imagePullPolicy: "Never" } }],
      },
    },
  },
};

const field = (kind: string, path: string): Promise<string> =>
  namespace.kubectl("get", kind, "first", `--output=jsonpath={${path}}`);

/** The domain of the machine, on the node that it was placed on; empty where there is none. */
async function domains(): Promise<string> {
  const lists = nodes.map(({ bundle }) =>
    bundle.run(["virsh", "--connect", "qemu:///system", "list", "--all", "--name"]),
  );
  return (await Promise.all(lists)).join("\n").trim();
}

/** The pod goes with its owner, which Kubernetes' garbage collector sees to. */
async function nothingIsLeft(): Promise<void> {
  expect(await namespace.kubectl("get", "vmi,pods", "--output=name")).toBe("");
  expect(await domains()).toBe("");
}

test("a VirtualMachine that is applied becomes a running guest at its login prompt", async () => {
  await namespace.apply(machine);
  await eventually(async () => expect(await field("vm", ".status.printableStatus")).toBe("Running"), 60_000);
  expect(await field("vmi", ".status.phase")).toBe("Running");
  expect(await domains()).toBe("main-path_first");

  const placed = await field("vmi", ".status.nodeName");
  const node = nodes.find(({ name }) => name === placed)!;
  const log = `/var/lib/kubevirt-node/${await field("vmi", ".metadata.uid")}/console/serial0.log`;
  await eventually(async () => expect(await node.bundle.run(["cat", log])).toContain("login:"), 60_000);
});

test("Halted shuts it down in order, and Always starts it again as another instance", async () => {
  const before = await field("vmi", ".metadata.uid");
  await namespace.kubectl("patch", "vm", "first", "--type=merge", '--patch={"spec":{"runStrategy":"Halted"}}');
  await eventually(async () => expect(await field("vm", ".status.printableStatus")).toBe("Stopped"), 60_000);
  await eventually(nothingIsLeft);

  await namespace.kubectl("patch", "vm", "first", "--type=merge", '--patch={"spec":{"runStrategy":"Always"}}');
  await eventually(async () => expect(await field("vm", ".status.printableStatus")).toBe("Running"), 60_000);
  expect(await field("vmi", ".metadata.uid")).not.toBe(before);
});

test("killing the controller and the daemons leaves the guest running, and what they return to is in order", async () => {
  const uid = await field("vmi", ".metadata.uid");
  await controller.kill();
  for (const daemon of daemons) await daemon.kill();
  expect(await domains()).toBe("main-path_first");
  for (const daemon of daemons) await daemon.start();
  controller.start();
  await namespace.kubectl("annotate", "vm", "first", "seen=again");
  await eventually(async () => expect(await field("vm", ".status.printableStatus")).toBe("Running"), 30_000);
  expect(await field("vmi", ".metadata.uid")).toBe(uid);
});

test("a deleted VirtualMachine leaves no instance, pod, domain or folder", async () => {
  await namespace.kubectl("delete", "vm", "first", "--timeout=60s");
  await eventually(nothingIsLeft);
  for (const { bundle } of nodes) {
    expect(await bundle.run(["sh", "-c", "ls /var/lib/kubevirt-node 2>/dev/null || true"])).toBe("");
  }
});
