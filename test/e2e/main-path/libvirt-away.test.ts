import { afterAll, expect, test } from "vitest";
import { annotations, labels } from "../../../api/contract/labels.ts";
import { unschedulableReasons } from "../../../api/contract/node-heartbeat.ts";
import { progress } from "../../../cluster/progress.ts";
import { up } from "../../../cluster/up.ts";
import { cluster, eventually, nodes } from "../cluster.ts";
import { nodeOf, tiny, useStage } from "./stage.ts";

const stage = useStage("libvirt-away");
const [other, node] = nodes;

/** Programs of libvirt on the node, by their ids on this machine. */
async function pidsOf(...names: readonly string[]): Promise<number[]> {
  const found = (await node.bundle.processes()).filter(({ program }) => names.some((name) => program.endsWith(name)));
  return found.map(({ pid }) => pid);
}

async function signal(what: NodeJS.Signals, ...names: readonly string[]): Promise<void> {
  const pids = await pidsOf(...names);
  expect(pids.length).toBeGreaterThan(0);
  for (const pid of pids) process.kill(pid, what);
}

/** Starts what was killed. */
const mended = (): Promise<void> => up(cluster, { nodes: 2 }, progress({ live: false, quietBelow: 1e9 }));

afterAll(async () => {
  for (const pid of await pidsOf("/libvirtd")) process.kill(pid, "SIGCONT");
  await mended();
});

/** What the node's object says of machines: whether they are placed there, and why not. */
async function told(): Promise<{ schedulable?: string; why?: string }> {
  const { metadata } = JSON.parse(await cluster.kubectl(["get", "node", node.name, "--output=json"]));
  return {
    schedulable: metadata.labels[labels.schedulable],
    why: metadata.annotations[annotations.unschedulableReason],
  };
}

/** The node's daemon's pod. */
async function daemon(): Promise<{ ready: string; restarts: number; address: string }> {
  const selection = ["--selector=kubevirt.io=virt-handler", `--field-selector=spec.nodeName=${node.name}`];
  const { items } = JSON.parse(
    await cluster.kubectl(["get", "pods", "--namespace=kubevirt", ...selection, "--output=json"]),
  );
  expect(items).toHaveLength(1);
  const [{ status }] = items;
  return {
    ready: status.conditions.find(({ type }: { type: string }) => type === "Ready").status,
    restarts: status.containerStatuses[0].restartCount,
    address: status.podIP,
  };
}

/** What the daemon answers. */
async function asked(path: "/healthz" | "/readyz"): Promise<string> {
  const { address } = await daemon();
  return node.bundle.run(["curl", "--silent", "--insecure", `https://${address}:8187${path}`]);
}

/** Creates a machine that may run on the node only. */
async function createPinned(name: string): Promise<void> {
  const domain = { memory: { guest: "64Mi" } };
  const spec = { nodeSelector: { "kubernetes.io/hostname": node.name }, terminationGracePeriodSeconds: 0, domain };
  const machine = { apiVersion: "kubevirt.io/v1", kind: "VirtualMachine", metadata: { name } };
  await stage.namespace.apply({ ...machine, spec: { runStrategy: "Always", template: { spec } } });
}

test("a libvirt that does not answer takes its node out, with the reason for all who wait, until it answers", async () => {
  await eventually(async () => expect(await told()).toEqual({ schedulable: "true" }));
  expect(await asked("/readyz")).toBe("ok");
  const { restarts } = await daemon();
  await signal("SIGSTOP", "/libvirtd");
  await eventually(async () =>
    expect(await told()).toEqual({ schedulable: "false", why: unschedulableReasons.libvirtLost }),
  );
  expect(await asked("/readyz")).toMatch(/^libvirt is out of reach: /);
  await eventually(async () => expect((await daemon()).ready).toBe("False"));

  await stage.virtOk(`create elsewhere ${tiny} --wait`);
  expect((await nodeOf(stage, "elsewhere")).name).toBe(other.name);
  await createPinned("waiting");
  await stage.status("waiting", "ErrorUnschedulable");
  const message = await stage.field("vmi", "waiting", '.status.conditions[?(@.type=="PodScheduled")].message');
  expect(message).toContain(`node ${node.name} takes none, its libvirt does not answer`);

  // A restart would help nobody.
  expect(await asked("/healthz")).toBe("ok");
  await signal("SIGCONT", "/libvirtd");
  await eventually(async () => expect(await told()).toEqual({ schedulable: "true" }), 90_000);
  await stage.status("waiting", "Running");
  await eventually(async () => expect(await daemon()).toMatchObject({ ready: "True", restarts }));
});

test("a libvirt that was killed takes its node out as well, and its guests run on", async () => {
  const pid = (): Promise<string> => node.bundle.run(["cat", "/run/libvirt/qemu/libvirt-away_waiting.pid"]);
  const before = await pid();
  await signal("SIGKILL", "/libvirtd");
  await eventually(async () =>
    expect(await told()).toEqual({ schedulable: "false", why: unschedulableReasons.libvirtLost }),
  );
  expect(await asked("/readyz")).toMatch(/^libvirt is out of reach: /);
  await mended();
  await eventually(async () => expect(await told()).toEqual({ schedulable: "true" }), 90_000);
  expect(await stage.field("vm", "waiting", ".status.printableStatus")).toBe("Running");
  expect(await pid()).toBe(before);
  await node.bundle.run(["test", "-d", `/proc/${before.trim()}`]);
});

test("the rollout of the daemons does not wait for a node without libvirt, and one that gets libvirt later is used", async () => {
  await stage.virtOk("delete elsewhere");
  await stage.virtOk("delete waiting");
  // The folder of sockets is missing as well, as on a node where libvirt has never been.
  await signal("SIGKILL", "/libvirtd", "/virtlogd");
  await eventually(async () => expect(await pidsOf("/libvirtd", "/virtlogd")).toEqual([]));
  await node.bundle.run(["rm", "-rf", "/run/libvirt"]);
  const rollout = (...args: string[]): Promise<string> =>
    cluster.kubectl(["rollout", ...args, "daemonset/virt-node-daemon", "--namespace=kubevirt"]);
  await rollout("restart");
  expect(await rollout("status", "--timeout=240s")).toContain("successfully rolled out");
  expect(await told()).toEqual({ schedulable: "false", why: unschedulableReasons.withoutLibvirt });
  expect(await asked("/readyz")).toBe("ok");
  await stage.virtOk(`create elsewhere ${tiny} --wait`);
  expect((await nodeOf(stage, "elsewhere")).name).toBe(other.name);

  const { restarts } = await daemon();
  await mended();
  await eventually(async () => expect(await told()).toEqual({ schedulable: "true" }), 90_000);
  await createPinned("late");
  await stage.status("late", "Running");
  expect(await daemon()).toMatchObject({ restarts });
});
