import { expect, test } from "vitest";
import { annotations, labels } from "../../../api/contract/labels.ts";
import { Store } from "../../../api/kube/controller/store.ts";
import type { Node } from "../../../api/kube/resources/core-resources.ts";
import { Heartbeats } from "../../../controller/node/heartbeats.ts";

/** Heartbeats of a node, with a clock that the test sets. */
function aListener() {
  const store = new Store<Node>();
  const clock = { now: 1_000_000 };
  const nodes = { store, inTouchSince: 0 as number | undefined };
  const heartbeats = new Heartbeats(nodes, () => clock.now);
  const beat = (time: string | undefined, offered = "true"): void =>
    store.set({
      metadata: {
        name: "node-1",
        labels: { [labels.schedulable]: offered },
        annotations: time === undefined ? {} : { [annotations.heartbeat]: time },
      },
    });
  return { heartbeats, beat, clock, nodes, store };
}

test("a node is silent since its heartbeat has changed last, whatever else of it changes", () => {
  const { heartbeats, beat, clock } = aListener();
  beat("2026-01-01T10:00:00Z");
  clock.now += 50_000;
  beat("2026-01-01T10:00:00Z");
  expect(heartbeats.silenceOf("node-1")).toBe(50_000);
  beat("2026-01-01T10:01:00Z");
  expect(heartbeats.silenceOf("node-1")).toBe(0);
});

test.for(["1970-01-01T00:00:00Z", "2099-01-01T00:00:00Z", "yesterday"])(
  "what time a node has, such as %s, makes no difference",
  (time) => {
    const { heartbeats, beat, clock } = aListener();
    beat(time);
    clock.now += 1000;
    expect(heartbeats.silenceOf("node-1")).toBe(1000);
  },
);

test("a time in which we were not told of nodes is not the node's silence", () => {
  const { heartbeats, beat, clock, nodes } = aListener();
  beat("2026-01-01T10:00:00Z");
  nodes.inTouchSince = undefined;
  clock.now += 600_000;
  expect(heartbeats.silenceOf("node-1")).toBeUndefined();
  nodes.inTouchSince = clock.now;
  clock.now += 3000;
  expect(heartbeats.silenceOf("node-1")).toBe(3000);
});

test("a daemon without a heartbeat is heard of when it writes the label, or by another sign", () => {
  const { heartbeats, beat, clock, store } = aListener();
  beat(undefined, "false");
  clock.now += 5000;
  beat(undefined, "true");
  expect(heartbeats.silenceOf("node-1")).toBe(0);
  clock.now += 5000;
  const node = store.get("node-1");
  if (node) heartbeats.heard(node);
  expect(heartbeats.silenceOf("node-1")).toBe(0);
});

test("a node that is gone, and one that nobody knows, are not judged", () => {
  const { heartbeats, beat, store } = aListener();
  beat("2026-01-01T10:00:00Z");
  store.delete("node-1");
  expect(heartbeats.silenceOf("node-1")).toBeUndefined();
  expect(heartbeats.silenceOf("node-2")).toBeUndefined();
});
