import { expect, test } from "vitest";
import { finalizers } from "../../../api/contract/labels.ts";
import { KubeClient } from "../../../api/kube/client/client.ts";
import { fromKubeconfig } from "../../../api/kube/credentials/kubeconfig.ts";
import { instances, type VirtualMachine } from "../../../api/resources.ts";
import { cluster, eventually } from "../cluster.ts";
import { aLargeMachine, longestUserData } from "../large-machine.ts";
import { aMachine, readInstance, readMachine, untilGone, untilStatus, useStage } from "./stage.ts";

const stage = useStage("large");
const { namespace } = stage;

/** Makes an object; `kubectl apply` would keep it a second time, in an annotation. */
async function create(object: object): Promise<void> {
  await cluster.kubectl([`--namespace=${namespace.name}`, "create", "--filename=-"], { input: JSON.stringify(object) });
}

async function patch(name: string, change: object): Promise<void> {
  await namespace.kubectl("patch", "vm", name, "--type=merge", `--patch=${JSON.stringify(change)}`);
}

/** How often the controller has read a machine, and its instance. */
function reads(name: string): { machine: number; instance: number } {
  const of = (kind: string): number => stage.proxy.reads.filter((path) => path.endsWith(`/${kind}/${name}`)).length;
  return { machine: of("virtualmachines"), instance: of("virtualmachineinstances") };
}

const isOutdated = async (name: string): Promise<boolean> =>
  (await readMachine(namespace, name))?.status?.conditions?.some(({ type }) => type === "RestartRequired") === true;

test("an ordinary machine is never read by itself", async () => {
  await namespace.apply(aMachine("ordinary", "Always"));
  await untilStatus(namespace, "ordinary", "Running");
  await patch("ordinary", { spec: { runStrategy: "Halted" } });
  await untilStatus(namespace, "ordinary", "Stopped");
  expect(reads("ordinary")).toEqual({ machine: 0, instance: 0 });
});

test("a large one is read when its instance is made of it, and that when its pod is made and handed over", async () => {
  const machine = aLargeMachine("large", { runStrategy: "Halted", disks: 8 });
  expect(JSON.stringify(machine).length).toBeGreaterThan(1_300_000);
  await create(machine);
  await patch("large", { metadata: { labels: { looked: "at" } } });
  await patch("large", { spec: { runStrategy: "Always" } });
  await untilStatus(namespace, "large", "Running");
  expect(reads("large")).toEqual({ machine: 1, instance: 2 });
  const { spec, metadata } = (await readInstance(namespace, "large"))!;
  expect(spec.volumes).toEqual(machine.spec.template.spec.volumes);
  expect(metadata.annotations).toMatchObject(machine.spec.template.metadata?.annotations ?? {});
});

test("whether its template has changed is known without a look at it", async () => {
  await patch("large", { spec: { template: { spec: { domain: { cpu: { cores: 2 } } } } } });
  await eventually(async () => expect(await isOutdated("large")).toBe(true));
  await patch("large", { spec: { template: { spec: { domain: { cpu: null } } } } });
  await eventually(async () => expect(await isOutdated("large")).toBe(false));
  expect(reads("large")).toEqual({ machine: 1, instance: 2 });
});

test("paused, stopped and deleted it is not read", async () => {
  await stage.daemon.setCondition(namespace.name, "large", { type: "Paused", status: "True" });
  await untilStatus(namespace, "large", "Paused");
  await patch("large", { spec: { runStrategy: "Halted" } });
  await untilStatus(namespace, "large", "Stopped");
  await namespace.kubectl("delete", "vm", "large", "--wait=false");
  await untilGone(namespace, "vm", "large");
  expect(reads("large")).toEqual({ machine: 1, instance: 2 });
});

test("what a guest says of itself stays when the controller writes a status", async () => {
  await create(aLargeMachine("talkative", { runStrategy: "Always", disks: 2 }));
  await untilStatus(namespace, "talkative", "Running");
  const interfaces = Array.from({ length: 200 }, (_, number) => ({
    interfaceName: `eth${number}`,
    ipAddresses: Array.from({ length: 60 }, (__, address) => `10.${number}.${address}.1`),
  }));
  const status = { interfaces, guestOSInfo: { name: "Debian" } };
  // It is longer than the arguments of a command may be.
  const client = new KubeClient(await fromKubeconfig({ file: cluster.kubeconfig }));
  const ref = { namespace: namespace.name, name: "talkative" };
  await client.mergePatch(instances, ref, { status }, { subresource: "status" });
  client.close();
  await namespace.kubectl("label", "vmi", "talkative", "looked=at");
  await stage.daemon.setCondition(namespace.name, "talkative", { type: "Paused", status: "True" });
  await untilStatus(namespace, "talkative", "Paused");
  expect((await readInstance(namespace, "talkative"))?.status).toMatchObject(status);
});

test("one whose finalizers alone are large runs, ends, and keeps those of others", async () => {
  const others = Array.from({ length: 400 }, (_, number) => `example.com/${"f".repeat(50)}-${number}`);
  const machine: VirtualMachine = aLargeMachine("held", { runStrategy: "Always", disks: 1 });
  await create({ ...machine, metadata: { ...machine.metadata, finalizers: others } });
  await untilStatus(namespace, "held", "Running");
  expect(new Set((await readMachine(namespace, "held"))?.metadata.finalizers)).toEqual(
    new Set([...others, finalizers.machine]),
  );
  await namespace.kubectl("delete", "vm", "held", "--wait=false");
  await eventually(async () => expect((await readMachine(namespace, "held"))?.metadata.finalizers).toEqual(others));
  await untilGone(namespace, "vmi", "held");
  await patch("held", { metadata: { finalizers: null } });
  await untilGone(namespace, "vm", "held");
});

test("one whose spec would take more memory than a node has for it is told so, and gets no pod", async () => {
  // A text with one letter that is not of Latin-1 takes two bytes for each of them.
  const text = "#cloud-config\n# €\n#".padEnd(longestUserData, "x");
  const volumes = Array.from({ length: 10 }, (_, number) => ({
    name: `data-${number}`,
    cloudInitNoCloud: { userData: text, networkData: text },
  }));
  const disks = volumes.map(({ name }) => ({ name, disk: { bus: "virtio" } }));
  const spec = { domain: { memory: { guest: "64Mi" }, devices: { disks } }, volumes };
  await create({ apiVersion: "kubevirt.io/v1", kind: "VirtualMachineInstance", metadata: { name: "heavy" }, spec });
  await eventually(async () => {
    const { status } = (await readInstance(namespace, "heavy")) ?? {};
    expect(status?.conditions).toContainEqual(
      expect.objectContaining({
        type: "Synchronized",
        status: "False",
        reason: "FailedCreate",
        message: expect.stringMatching(/^spec: it takes more than 2Mi of memory/),
      }),
    );
  });
  expect(await namespace.kubectl("get", "pods", "--selector=kubevirt.io=virt-launcher", "--output=name")).not.toContain(
    "heavy",
  );
});
