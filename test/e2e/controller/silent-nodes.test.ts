import { beforeAll, expect, test } from "vitest";
import { annotations, labels } from "../../../api/contract/labels.ts";
import { heartbeatPatch, unschedulableReasons } from "../../../api/contract/node-heartbeat.ts";
import { aPod, cluster, eventually, nodes } from "../cluster.ts";
import { anInstance, readInstance, untilPhase, useStage } from "./stage.ts";

const stage = useStage("silent-nodes");
const { namespace } = stage;
const [first, second] = nodes.map(({ name }) => name) as [string, string];

/** Seconds; the daemons that are played here beat each minute. */
const silentAfter = 6;

beforeAll(async () => {
  await stage.controller.end();
  stage.controller.start(`--silent-after=${silentAfter}`);
});

/** What a node's object says of machines. */
async function told(name: string): Promise<{ schedulable?: string; why?: string }> {
  const { metadata } = JSON.parse(await cluster.kubectl(["get", "node", name, "--output=json"]));
  return {
    schedulable: metadata.labels[labels.schedulable],
    why: metadata.annotations[annotations.unschedulableReason],
  };
}

/** Writes a node's metadata as its daemon would. */
async function write(name: string, patch: object): Promise<void> {
  await cluster.kubectl(["patch", "node", name, "--type=merge", `--patch=${JSON.stringify(patch)}`]);
}

const silent = { schedulable: "false", why: unschedulableReasons.silent };

test("nodes whose daemons are not heard of take no machines, and whoever waits is told why", async () => {
  for (const name of [first, second]) await eventually(async () => expect(await told(name)).toEqual(silent));
  const selector = `--field-selector=involvedObject.kind=Node,involvedObject.name=${first},reason=NodeDaemonSilent`;
  await eventually(async () => {
    expect(await cluster.kubectl(["get", "events", "--namespace=default", selector])).toContain("sends no heartbeat");
  });
  await namespace.apply(anInstance("waiting"));
  await eventually(async () => {
    const { status } = (await readInstance(namespace, "waiting")) ?? {};
    const message = status?.conditions?.find(({ type }) => type === "PodScheduled")?.message;
    expect(message).toContain(`node ${first} takes none, its node daemon sends no heartbeat`);
    expect(message).toContain(`node ${second} takes none, its node daemon sends no heartbeat`);
  });
});

test("a beat takes that back, however wrong the clock of its node is", async () => {
  let beats = 0;
  await eventually(async () => {
    // A clock that stands still but for a second each beat, decades ago.
    await write(first, heartbeatPatch(new Date(beats++ * 1000), undefined));
    expect((await readInstance(namespace, "waiting"))?.status?.phase).toBe("Running");
  });
  expect((await untilPhase(namespace, "waiting", "Running")).status?.nodeName).toBe(first);
  await eventually(async () => expect(await told(first)).toEqual(silent));
});

test("a node that never had a heartbeat is judged as well, unless the pod of a daemon of before is ready there", async () => {
  const unbeaten = {
    metadata: {
      labels: { [labels.schedulable]: "true" },
      annotations: { [annotations.heartbeat]: null, [annotations.unschedulableReason]: null },
    },
  };
  const uid = await cluster.kubectl(["get", "node", first, "--output=jsonpath={.metadata.uid}"]);
  const metadata = {
    name: "daemon-of-before",
    labels: { "kubevirt.io": "virt-handler" },
    // A DaemonSet that was installed by other tests takes pods without an owner for its own.
    ownerReferences: [{ apiVersion: "v1", kind: "Node", name: first, uid, controller: true }],
  };
  const daemon = { ...aPod("daemon-of-before", "exec sleep 100000", { nodeName: first }), metadata };
  const inNamespace = "--namespace=kubevirt";
  await cluster.kubectl(["apply", inNamespace, "--filename=-"], { input: JSON.stringify(daemon) });
  try {
    await cluster.kubectl(["wait", "pod/daemon-of-before", inNamespace, "--for=condition=Ready", "--timeout=60s"]);
    await write(first, unbeaten);
    // The other node has none: it is judged, and judged again.
    for (let time = 0; time < 2; time += 1) {
      await write(second, unbeaten);
      expect((await told(second)).schedulable).toBe("true");
      await eventually(async () => expect(await told(second)).toEqual(silent));
    }
    expect(await told(first)).toEqual({ schedulable: "true" });
  } finally {
    await cluster.kubectl(["delete", "pod/daemon-of-before", inNamespace]);
  }
  await eventually(async () => expect(await told(first)).toEqual(silent));
});
