import { expect, test } from "vitest";
import { annotations, labels } from "../../../api/contract/labels.ts";
import { unschedulableReasons } from "../../../api/contract/node-heartbeat.ts";
import { Store } from "../../../api/kube/controller/store.ts";
import type { Node } from "../../../api/kube/resources/core-resources.ts";
import { NodeEvents } from "../../../controller/node/events.ts";
import { Heartbeats } from "../../../controller/node/heartbeats.ts";
import { markSilentNode } from "../../../controller/node/silence.ts";
import { aClient, aServer, type Handler, json } from "../../api/kube/http-server.ts";

interface Setting {
  readonly beat?: string;
  readonly offered?: string;
  readonly silentFor: number;
  readonly inTouch?: boolean;
  /** Whether the daemon's pod is ready; there is none when absent. */
  readonly podReady?: boolean;
}

/** Looks at a node once, and says what was asked of the API server and what came of it. */
async function lookedAt({ beat, offered = "true", silentFor, inTouch = true, podReady }: Setting) {
  const store = new Store<Node>();
  const clock = { now: 1_000_000 };
  const nodes = { store, inTouchSince: inTouch ? 0 : undefined };
  const heartbeats = new Heartbeats(nodes, () => clock.now);
  const node: Node = {
    metadata: {
      name: "node-1",
      uid: "n-1",
      resourceVersion: "5",
      labels: { [labels.schedulable]: offered },
      annotations: beat === undefined ? {} : { [annotations.heartbeat]: beat },
    },
  };
  store.set(node);
  clock.now += silentFor;
  const bodies: unknown[] = [];
  const pods = podReady === undefined ? [] : [aDaemonPod(podReady)];
  const answer: Handler = (request, response) => {
    if (request.method === "GET") return json({ kind: "PodList", metadata: {}, items: pods })(request, response);
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString()));
    request.on("end", () => {
      bodies.push(JSON.parse(text));
      const written = { ...node, metadata: { ...node.metadata, resourceVersion: "6", labels: {} } };
      store.set(written);
      json(written)(request, response);
    });
  };
  const { url, requests } = await aServer(answer);
  const told: string[] = [];
  const outcome = await markSilentNode({
    client: aClient(url),
    cache: { nodes, heartbeats } as never,
    events: new NodeEvents({ record: (_node, { reason }) => told.push(reason) }),
    settings: { namespace: "kubevirt", silentAfter: 240_000 },
    node,
    signal: new AbortController().signal,
  });
  return { outcome, bodies, told, requests, silence: heartbeats.silenceOf("node-1") };
}

function aDaemonPod(isReady: boolean): object {
  return { metadata: { name: "d" }, status: { conditions: [{ type: "Ready", status: isReady ? "True" : "False" }] } };
}

const beat = "2026-01-01T10:00:00Z";

test("a node whose heartbeat does not change takes no machines after a while, and that is told", async () => {
  expect(await lookedAt({ beat, silentFor: 239_000 })).toMatchObject({ outcome: { after: 1000 }, bodies: [] });
  const { bodies, told } = await lookedAt({ beat, silentFor: 240_000 });
  expect(bodies).toEqual([
    {
      metadata: {
        resourceVersion: "5",
        labels: { [labels.schedulable]: "false" },
        annotations: { [annotations.unschedulableReason]: unschedulableReasons.silent },
      },
    },
  ]);
  expect(told).toEqual(["NodeDaemonSilent"]);
});

test("nothing is asked or written of a node that takes no machines anyway, nor while nobody tells of nodes", async () => {
  const idle = await lookedAt({ beat, offered: "false", silentFor: 1e9 });
  expect(idle).toMatchObject({ outcome: "done", requests: [] });
  const blind = await lookedAt({ beat, silentFor: 1e9, inTouch: false });
  expect(blind).toMatchObject({ outcome: { after: 60_000 }, requests: [] });
});

test("a node that has had no heartbeat, and whose daemon crashes from the beginning on, takes no machines either", async () => {
  expect(await lookedAt({ silentFor: 60_000, podReady: false })).toMatchObject({ bodies: [] });
  expect((await lookedAt({ silentFor: 240_000, podReady: false })).bodies).toHaveLength(1);
  expect((await lookedAt({ silentFor: 240_000 })).bodies).toHaveLength(1);
});

test("a daemon of the release before counts as heard of while its pod is ready", async () => {
  const { bodies, outcome, silence: silent } = await lookedAt({ silentFor: 1e9, podReady: true });
  expect({ bodies, outcome, silent }).toEqual({ bodies: [], outcome: { after: 60_000 }, silent: 0 });
});

test("of a daemon that has a heartbeat the pod is not asked for", async () => {
  const { requests } = await lookedAt({ beat, silentFor: 240_000, podReady: true });
  expect(requests.map((one) => one.split(" ")[0])).toEqual(["PATCH"]);
});
