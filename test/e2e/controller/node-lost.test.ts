import { afterAll, expect, test } from "vitest";
import { placeholderName } from "../../../api/contract/placeholder.ts";
import { progress } from "../../../cluster/progress.ts";
import { up } from "../../../cluster/up.ts";
import { cluster, eventually, nodes } from "../cluster.ts";
import { aMachine, anInstance, readInstance, untilPhase, untilStatus, useStage } from "./stage.ts";

const stage = useStage("node-lost");
const { namespace } = stage;
const [, lost] = nodes;

const mended = () => up(cluster, { nodes: 2 }, progress({ live: false, quietBelow: 1000 }));
afterAll(mended);

test("a machine on a silent node is Unknown and runs nowhere else, until its pod is really gone", async () => {
  await namespace.apply(anInstance("back", { nodeSelector: { "kubernetes.io/hostname": lost.name } }));
  await namespace.apply(aMachine("away", "Always", { nodeSelector: { "kubernetes.io/hostname": lost.name } }));
  await untilStatus(namespace, "away", "Running");
  const before = await untilPhase(namespace, "away", "Running");
  await namespace.kubectl("wait", "vmi", "back", "--for=condition=Ready", "--timeout=60s");
  stage.daemon.behave(namespace.name, "away", "silence");
  for (const { pid, program } of await lost.bundle.processes()) {
    if (program.endsWith("/kubelet")) process.kill(pid, "SIGKILL");
  }
  await cluster.kubectl(["wait", "node", lost.name, "--for=condition=Ready=Unknown", "--timeout=120s"]);
  const unknown = await untilStatus(namespace, "away", "Unknown");
  expect(unknown.status).toMatchObject({ created: true });
  expect(unknown.status?.conditions?.find(({ type }) => type === "Ready")).toMatchObject({ reason: "NodeNotReady" });
  for (const name of ["away", "back"]) {
    await eventually(async () => {
      const instance = await readInstance(namespace, name);
      expect(instance?.status?.phase).toBe("Running");
      expect(instance?.status?.conditions).toContainEqual(
        expect.objectContaining({ type: "Ready", status: "False", reason: "NodeNotReady" }),
      );
    });
  }
  // Asked to go, it stays as well: nobody has seen it end.
  await namespace.kubectl("delete", "pod", placeholderName(before.metadata), "--wait=false");
  await eventually(async () => {
    const pod = await namespace.kubectl("get", "pod", placeholderName(before.metadata), "--output=json");
    expect(JSON.parse(pod).metadata.deletionTimestamp).toBeDefined();
  });
  expect((await readInstance(namespace, "away"))?.metadata.uid).toBe(before.metadata.uid);
  expect((await readInstance(namespace, "away"))?.status?.phase).toBe("Running");

  await namespace.kubectl("delete", "pod", placeholderName(before.metadata), "--force", "--grace-period=0");
  await eventually(async () => {
    const after = await readInstance(namespace, "away");
    expect(after?.metadata.uid).toBeDefined();
    expect(after?.metadata.uid).not.toBe(before.metadata.uid);
  });
  await eventually(async () => {
    const events = await namespace.kubectl("get", "events", "--field-selector=type=Warning,reason=Stopped");
    expect(events).toContain(`node ${lost.name} is not ready`);
  });
  await untilStatus(namespace, "away", "ErrorUnschedulable");
  stage.daemon.behave(namespace.name, "away", "run");

  await mended();
  await namespace.kubectl("wait", "vmi", "back", "--for=condition=Ready", "--timeout=60s");
}, 600_000);
