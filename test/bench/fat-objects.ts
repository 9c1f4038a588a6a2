import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { programs } from "../../api/contract/constants.ts";
import type { KubeClient } from "../../api/kube/client/client.ts";
import { keepAll } from "../../api/kube/client/list-all.ts";
import { metadataOf } from "../../api/kube/resources/resource.ts";
import { machines, type VirtualMachine } from "../../api/resources.ts";
import { cgroupProcesses } from "../../cluster/cgroup.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { findProcess, proportionalSetSize } from "../../cluster/process.ts";
import type { Step } from "../../cluster/progress.ts";
import { withAddOn } from "./add-on.ts";
import { nameOf } from "./cpu-time.ts";
import { type Bench, type Row, rowOf } from "./measurement.ts";

/** The default number of machines, and the part of them that the bench starts. */
const many = 2000;
const startedPart = 1 / 10;

/** The number of cloud-init volumes of a fat machine, each with two fields of the longest length. */
const volumes = 8;
const longest = 65_536;

/** The most MiB of the controller, whatever objects there are. Its Pod has 640. */
const bar = 256;

/** Milliseconds after which garbage collection has run. */
const settling = 20_000;

/** A selector without a matching node: a started machine has an instance and a Pod, but no guest. */
const nowhere = { "bench.example.com/place": "nowhere" };
const started = { "bench.example.com/started": "true" };

/** Measures the controller's memory with no machines, with ordinary ones, and with as many of the largest size. */
export const bench: Bench = async (context) => {
  const { cluster, step, count = many } = context;
  const client = await withAddOn(context);
  const measured = async (what: string, work: (step: Step) => Promise<void>): Promise<Size> =>
    step.step(what, async (at) => {
      await work(at);
      await delay(settling);
      return sizeOf(cluster);
    });
  const anew = (): Promise<void> => restart(cluster);
  const none = await measured("no machine", anew);
  const each = async (title: string, make: (name: string) => VirtualMachine): Promise<{ came: Size; listed: Size }> => {
    const came = await measured(`${count} ${title}`, (at) => create(client, count, make, at));
    return { came, listed: await measured(`the controller anew beside ${count} ${title}`, anew) };
  };
  const ordinary = await each("ordinary machines", (name) => machineOf(name, 0));
  await step.step("none any more", (at) => removeAll(client, at));
  const fat = await each("fat machines", (name) => machineOf(name, volumes));
  const starting = Math.round(count * startedPart);
  const instances = await measured(`${starting} of them started`, (at) => start(client, starting, at));
  client.close();

  const size = Math.round(JSON.stringify(machineOf("", volumes)).length / 1024);
  const fatOnes = `${count} of ${size} KiB`;
  const row = (what: string, value: number, floor: number): Row => ({
    what,
    unit: "MiB",
    value,
    floor,
    bar,
    ok: value <= bar,
  });
  return [
    rowOf("no machine", "MiB", [none.now]),
    rowOf(`${count} ordinary ones, as they came`, "MiB", [ordinary.came.now]),
    rowOf(`${count} ordinary ones, started anew`, "MiB", [ordinary.listed.now]),
    row(`${fatOnes}, as they came`, fat.came.now, ordinary.came.now),
    row(`${fatOnes}, as they came: the most`, fat.came.most, ordinary.came.most),
    row(`${fatOnes}, started anew`, fat.listed.now, ordinary.listed.now),
    row(`${fatOnes}, started anew: the most`, fat.listed.most, ordinary.listed.most),
    row(`and ${starting} of them started`, instances.now, ordinary.listed.now),
    row(`and ${starting} of them started: the most`, instances.most, ordinary.listed.most),
  ];
};

/** A program's memory in MiB: its proportional size now, and its highest resident size. */
interface Size {
  readonly now: number;
  readonly most: number;
}

async function sizeOf(cluster: Cluster): Promise<Size> {
  const [pid = 0] = await controllers(cluster);
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const most = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024;
  return { now: (await proportionalSetSize(pid)) / 1024 ** 2, most };
}

async function controllers(cluster: Cluster): Promise<number[]> {
  const found: number[] = [];
  for (const pid of await cgroupProcesses(cluster.cgroup, { below: true })) {
    const process = await findProcess(pid);
    if (process && nameOf(process) === programs.controller) found.push(pid);
  }
  return found;
}

/** Replaces the controller's Pod, and waits until its cache is full and the previous Pod is gone. */
async function restart(cluster: Cluster): Promise<void> {
  const deployment = [`deployment/${programs.controller}`, "--namespace=kubevirt"];
  await cluster.kubectl(["rollout", "restart", ...deployment]);
  await cluster.kubectl(["rollout", "status", ...deployment, "--timeout=600s"]);
  while ((await controllers(cluster)).length !== 1) await delay(500);
}

async function create(
  client: KubeClient,
  count: number,
  make: (name: string) => VirtualMachine,
  step: Step,
): Promise<void> {
  let next = 0;
  const some = async (): Promise<void> => {
    while (next < count) {
      const number = (next += 1);
      if (number % 50 === 0) step.update(`${number} of ${count}`);
      await client.create(metadataOf(machines), make(`machine-${number}`));
    }
  };
  await Promise.all(Array.from({ length: 8 }, some));
}

async function removeAll(client: KubeClient, step: Step): Promise<void> {
  await client.raw("DELETE", "/apis/kubevirt.io/v1/namespaces/default/virtualmachines", { timeLimit: 600_000 });
  for (;;) {
    const { items } = await keepAll(client, metadataOf(machines), { namespace: "default", keep: () => true });
    if (items.length === 0) return;
    step.update(`${items.length} left`);
    await delay(1000);
  }
}

/** Switches machines on, and waits until each is reported as unschedulable. */
async function start(client: KubeClient, count: number, step: Step): Promise<void> {
  const names = Array.from({ length: count }, (_, index) => `machine-${index + 1}`);
  const change = { metadata: { labels: started }, spec: { runStrategy: "Always" } };
  for (const name of names) await client.mergePatch(metadataOf(machines), { namespace: "default", name }, change);
  const labelSelector = Object.entries(started)
    .map(([name, value]) => `${name}=${value}`)
    .join(",");
  for (;;) {
    const { items } = await keepAll(client, machines, { labelSelector, keep: ({ status }) => status?.printableStatus });
    const told = items.filter((status) => status === "ErrorUnschedulable").length;
    if (told === count) return;
    step.update(`${told} of ${count}`);
    await delay(5000);
  }
}

/** Makes a machine that is switched off, with a number of volumes that make it large. */
function machineOf(name: string, fatVolumes: number): VirtualMachine {
  const names = Array.from({ length: fatVolumes }, (_, number) => `data-${number}`);
  const text = "#".padEnd(longest, "x");
  return {
    apiVersion: "kubevirt.io/v1",
    kind: "VirtualMachine",
    metadata: { name, namespace: "default" },
    spec: {
      runStrategy: "Halted",
      template: {
        spec: {
          terminationGracePeriodSeconds: 0,
          nodeSelector: nowhere,
          domain: {
            memory: { guest: "64Mi" },
            devices: { disks: names.map((disk) => ({ name: disk, disk: { bus: "virtio" } })) },
          },
          volumes: names.map((volume) => ({
            name: volume,
            cloudInitNoCloud: { userData: text, networkData: text },
          })),
        },
      },
    },
  };
}
