import { hasHadDaemon, isSchedulable, unschedulableReasonOf } from "../../api/contract/node-heartbeat.ts";
import type { Node } from "../../api/kube/resources/core-resources.ts";
import { conditionReasons } from "../../api/status/condition-types.ts";
import type { PodTrouble } from "./pod-trouble.ts";

/** The most nodes that a message names. */
const mostNamed = 5;

/**
 * Adds to a scheduler's message the nodes that take no machines, with the reasons. The scheduler only says that such
 * nodes "didn't match Pod's node affinity/selector".
 */
export function withUnschedulableNodes(trouble: PodTrouble | undefined, nodes: Iterable<Node>): PodTrouble | undefined {
  if (trouble?.type !== "PodScheduled" || trouble.reason !== conditionReasons.unschedulable) return trouble;
  const withDaemon = [...nodes].filter(hasHadDaemon);
  const told = withDaemon.length === 0 ? "no node has a node daemon that was ever ready" : unofferedOf(withDaemon);
  return told === undefined ? trouble : { ...trouble, message: `${trouble.message} (virtual machines: ${told})` };
}

function unofferedOf(nodes: readonly Node[]): string | undefined {
  const unoffered = nodes
    .filter((node) => !isSchedulable(node))
    .map((node) => `node ${node.metadata?.name} takes none, ${unschedulableReasonOf(node) ?? "it does not say why"}`)
    .toSorted();
  if (unoffered.length === 0) return undefined;
  const more = unoffered.length - mostNamed;
  return [...unoffered.slice(0, mostNamed), ...(more > 0 ? [`and ${more} more`] : [])].join("; ");
}
