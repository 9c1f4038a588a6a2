import { expect, test } from "vitest";
import { annotations, labels } from "../../../api/contract/labels.ts";
import { unschedulableReasons } from "../../../api/contract/node-heartbeat.ts";
import type { Node } from "../../../api/kube/resources/core-resources.ts";
import { withUnschedulableNodes } from "../../../controller/vmi/unoffered-nodes.ts";

const words = "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector.";
const trouble = { type: "PodScheduled", reason: "Unschedulable", message: words } as const;

function aNode(name: string, offered: boolean | undefined, unfit?: string): Node {
  const marks = offered === undefined ? {} : { [labels.schedulable]: String(offered) };
  const why = unfit === undefined ? {} : { [annotations.unschedulableReason]: unfit };
  return { metadata: { name, labels: marks, annotations: why } };
}

test("a machine that waits for a node is told which nodes take none, and why", () => {
  const nodes = [
    aNode("b", true),
    aNode("c", false, unschedulableReasons.silent),
    aNode("a", false, unschedulableReasons.libvirtLost),
  ];
  expect(withUnschedulableNodes(trouble, nodes)?.message).toBe(
    `${words} (virtual machines: node a takes none, its libvirt does not answer; node c takes none, its node daemon sends no heartbeat)`,
  );
});

test("where all nodes take machines, the scheduler's words are all there is to say", () => {
  expect(withUnschedulableNodes(trouble, [aNode("a", true), aNode("windows", undefined)])).toEqual(trouble);
});

test("where no node ever had a daemon, that is the reason", () => {
  expect(withUnschedulableNodes(trouble, [aNode("a", undefined)])?.message).toContain(
    "(virtual machines: no node has a node daemon that was ever ready)",
  );
});

test("of many nodes the first few are named", () => {
  const nodes = Array.from({ length: 50 }, (_, number) =>
    aNode(`n${number}`, false, unschedulableReasons.withoutLibvirt),
  );
  const { message = "" } = withUnschedulableNodes(trouble, nodes) ?? {};
  expect(message).toContain("; and 45 more)");
  expect(message.length).toBeLessThan(600);
});

test("other troubles are left as they are", () => {
  const other = { reason: "ErrImagePull", message: "no such image" };
  expect(withUnschedulableNodes(other, [aNode("a", false)])).toBe(other);
  expect(withUnschedulableNodes(undefined, [aNode("a", false)])).toBeUndefined();
});
