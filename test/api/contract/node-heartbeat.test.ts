import { expect, test } from "vitest";
import { annotations, labels } from "../../../api/contract/labels.ts";
import {
  beatEvery,
  heartbeatPatch,
  isSchedulable,
  shutdownPatch,
  silentAfter,
  silentNodePatch,
  unschedulableReasonOf,
  unschedulableReasons,
} from "../../../api/contract/node-heartbeat.ts";
import { longestSilence } from "../../../api/kube/client/watch.ts";
import type { Node } from "../../../api/kube/resources/core-resources.ts";

const now = new Date("2026-01-01T10:00:09.25Z");

/** A node after merge patches of its metadata, as the API server applies them. */
function after(...patches: readonly object[]): Node {
  const metadata = { labels: {} as Record<string, string>, annotations: {} as Record<string, string> };
  for (const patch of patches as { metadata: Record<"labels" | "annotations", Record<string, string | null>> }[]) {
    for (const part of ["labels", "annotations"] as const) {
      for (const [name, value] of Object.entries(patch.metadata[part])) {
        if (value === null) delete metadata[part][name];
        else metadata[part][name] = value;
      }
    }
  }
  return { metadata };
}

test("a beat tells the time and that machines are placed, and takes back why none were", () => {
  const node = after(heartbeatPatch(now, unschedulableReasons.libvirtLost), heartbeatPatch(now, undefined));
  expect(node.metadata).toEqual({
    labels: { [labels.schedulable]: "true" },
    annotations: { [annotations.heartbeat]: "2026-01-01T10:00:09Z" },
  });
});

test("a beat of a node that is not well tells why, and that no machine is placed there", () => {
  const node = after(heartbeatPatch(now, undefined), heartbeatPatch(now, unschedulableReasons.libvirtLost));
  expect(isSchedulable(node)).toBe(false);
  expect(unschedulableReasonOf(node)).toBe("its libvirt does not answer");
});

test("a daemon that ends takes its heartbeat with it, so that one of the release before is not judged by it", () => {
  const node = after(heartbeatPatch(now, undefined), shutdownPatch());
  expect(node.metadata).toEqual({
    labels: { [labels.schedulable]: "false" },
    annotations: { [annotations.unschedulableReason]: unschedulableReasons.ended },
  });
});

test("a node that has changed since it was looked at is not taken for silent", () => {
  const node: Node = { metadata: { name: "node-1", resourceVersion: "7" } };
  expect(silentNodePatch(node)).toMatchObject({
    metadata: { resourceVersion: "7", labels: { [labels.schedulable]: "false" } },
  });
});

test("what a node tells in words of its own is not passed on", () => {
  const words = { [annotations.unschedulableReason]: "call 555-0100 to have your machine back" };
  expect(unschedulableReasonOf({ metadata: { annotations: words } })).toBeUndefined();
});

test("a node is silent only after any watch that brings no news would have been given up", () => {
  expect(silentAfter).toBeGreaterThan(longestSilence + beatEvery * 1.1);
});
