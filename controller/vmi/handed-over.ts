import { labels } from "../../api/contract/labels.ts";
import type { ObjectMeta } from "../../api/kube/resources/object.ts";

/** What of an instance tells where it is, whole or in slim form. */
interface Placed {
  readonly metadata: Pick<ObjectMeta, "labels">;
  readonly status?: { readonly nodeName?: string | undefined } | undefined;
}

/** Whether a node daemon was told of an instance, and may have a domain of it. */
export function isHandedOver(instance: Placed): boolean {
  return nodeOf(instance) !== undefined;
}

/** The node that an instance was handed over to. */
export function nodeOf({ metadata, status }: Placed): string | undefined {
  return metadata.labels?.[labels.nodeName] ?? status?.nodeName;
}
