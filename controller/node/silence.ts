import { beatOf, isSchedulable, silentNodePatch } from "../../api/contract/node-heartbeat.ts";
import { nodes, type Pod, pods } from "../../api/kube/resources/core-resources.ts";
import { daemonLabel } from "../api-server/daemon-pods.ts";
import { untilCached } from "../cache/until-cached.ts";
import type { NodeContext, NodeStage } from "./context.ts";

/**
 * Stops the placement of machines on a node whose daemon has been silent for too long although the node is marked as
 * schedulable: the daemon crashes again and again, or the node is off. The daemon's next heartbeat undoes this.
 *
 * A daemon of the release before writes the label at its start and its orderly end, and no heartbeat. It counts as
 * alive while its pod is ready. Its next start undoes the mark, for example its upgrade.
 */
export const markSilentNode: NodeStage = async (context) => {
  const { node, client, cache, events, settings, signal } = context;
  const { silentAfter } = settings;
  const name = node.metadata?.name ?? "";
  if (!isSchedulable(node)) return "done";
  const isWithoutBeat = beatOf(node) === undefined;
  // A daemon without heartbeats shows only its pod's readiness. We do not watch that pod, so we read it repeatedly.
  const lookEvery = silentAfter / 4;
  const silentFor = cache.heartbeats.silenceOf(name);
  if (silentFor === undefined) return { after: lookEvery };
  const patience = isWithoutBeat ? lookEvery : silentAfter;
  if (silentFor < patience) return { after: patience - silentFor };
  if (isWithoutBeat && (await hasReadyDaemon(context, name))) {
    cache.heartbeats.heard(node);
    return { after: lookEvery };
  }
  if (silentFor < silentAfter) return { after: Math.min(lookEvery, silentAfter - silentFor) };
  const written = await client.mergePatch(nodes, { name }, silentNodePatch(node), { signal });
  events.silent(node);
  await untilCached(cache.nodes.store, written, signal);
  return "done";
};

async function hasReadyDaemon({ client, settings, signal }: NodeContext, node: string): Promise<boolean> {
  const { namespace } = settings;
  const selection = { namespace, labelSelector: daemonLabel, fieldSelector: `spec.nodeName=${node}` };
  const { items } = await client.list(pods, { ...selection, signal });
  return items.some(isReady);
}

function isReady({ metadata, status }: Pod): boolean {
  const ready = status?.conditions?.find(({ type }) => type === "Ready");
  return metadata?.deletionTimestamp === undefined && ready?.status === "True";
}
