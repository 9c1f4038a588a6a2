import { beforeAll, describe, expect, test } from "vitest";
import { type Component, running } from "../../../cluster/component.ts";
import { nodeComponents } from "../../../cluster/node.ts";
import { progress } from "../../../cluster/progress.ts";
import { status } from "../../../cluster/status.ts";
import { up } from "../../../cluster/up.ts";
import { aPod, cluster, eventually, nodes, useNamespace } from "../cluster.ts";

const namespace = useNamespace("mending");
const node = nodes[0];

const mend = (): Promise<void> =>
  up(cluster, { nodes: 2 }, progress({ live: false, quietBelow: Number.POSITIVE_INFINITY }));

/** When the pod's container started: another time would mean another container. */
const startedAt = (pod: string): Promise<string> =>
  namespace.kubectl("get", "pod", pod, "--output=jsonpath={.status.containerStatuses[0].state.running.startedAt}");

function component(name: string): Component {
  return nodeComponents(node).find((candidate) => candidate.name === name)!;
}

async function kill(name: string): Promise<number> {
  const found = await running(node.bundle, component(name));
  process.kill(found!.pid, "SIGKILL");
  await eventually(async () => expect(await running(node.bundle, component(name))).toBeUndefined());
  return found!.pid;
}

beforeAll(async () => {
  const spec = { nodeSelector: { "kubernetes.io/hostname": node.name } };
  await namespace.apply(aPod("survivor", "exec sleep 100000", spec));
  await namespace.ready("survivor");
});

describe.for(["containerd", "kubelet", "kube-proxy", "libvirtd", "virtlogd"])("after %s was killed", (name) => {
  test("up starts it again and leaves what runs alone", async () => {
    const before = await startedAt("survivor");
    const killed = await kill(name);
    expect((await status(cluster)).nodes[0]!.components).toContainEqual({ name, running: false, memory: 0 });
    await mend();
    const { pid } = (await running(node.bundle, component(name)))!;
    expect(pid).not.toBe(killed);
    // A kubelet that has just begun does not know its pods yet.
    await eventually(async () => expect(await namespace.exec("survivor", "echo alive")).toBe("alive"));
    expect(await startedAt("survivor")).toBe(before);
    await namespace.apply(
      aPod(`after-${name}`, "exec sleep 1000", { nodeSelector: { "kubernetes.io/hostname": node.name } }),
    );
    await namespace.ready(`after-${name}`);
    expect(await node.bundle.run(["virsh", "--connect", "qemu:///system", "list", "--all"])).toContain("Id");
  });
});

test("after a node's first process was killed nothing of the node is left, and up brings the node back", async () => {
  const before = await startedAt("survivor");
  process.kill((await node.bundle.init())!, "SIGKILL");
  await eventually(async () => expect(await node.bundle.processes()).toEqual([]));
  await mend();
  await namespace.kubectl("wait", `node/${node.name}`, "--for=condition=Ready", "--timeout=60s");
  // The pod's object outlives the node's restart: the kubelet starts its container anew.
  await eventually(async () => expect(await namespace.exec("survivor", "echo alive")).toBe("alive"), 60_000);
  // The API is told of it a moment after it runs.
  await eventually(async () => expect(["", before]).not.toContain(await startedAt("survivor")));
});

test("after the control plane's first process was killed up brings it back with its objects, and pods ran on", async () => {
  const before = await startedAt("survivor");
  process.kill((await cluster.controlPlane.init())!, "SIGKILL");
  await eventually(async () => expect(await cluster.controlPlane.processes()).toEqual([]));
  await mend();
  expect(await startedAt("survivor")).toBe(before);
  await eventually(async () => expect(await namespace.exec("survivor", "echo alive")).toBe("alive"));
});

test("up leaves a healthy cluster as it is", async () => {
  // Others come and go: kube-proxy's nft, containerd's runc.
  const lasting = new Set(nodeComponents(node).map(({ program }) => program));
  const pids = async (): Promise<number[]> =>
    (await node.bundle.processes()).filter(({ program }) => lasting.has(program)).map(({ pid }) => pid);
  const [before, started] = [await pids(), await startedAt("survivor")];
  await mend();
  expect(await pids()).toEqual(before);
  expect(await startedAt("survivor")).toBe(started);
});
