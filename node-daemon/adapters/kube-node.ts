import type { KubeClient } from "../../api/kube/client.ts";
import { nodes } from "../../api/kube/core-resources.ts";
import { labels } from "../../api/labels.ts";

/**
 * Says of a node whether machines can be placed on it, by the label that placeholder pods select. It is written when it
 * changes, with the start and the orderly end of a daemon; a daemon that was killed is expected back.
 */
export async function setSchedulable(
  client: KubeClient,
  name: string,
  schedulable: boolean,
  signal: AbortSignal,
): Promise<void> {
  const wanted = String(schedulable);
  const { metadata } = await client.get(nodes, { name }, { signal });
  if (metadata?.labels?.[labels.schedulable] === wanted) return;
  await client.mergePatch(nodes, { name }, { metadata: { labels: { [labels.schedulable]: wanted } } }, { signal });
}
