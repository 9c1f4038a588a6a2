import { labels } from "../../api/contract/labels.ts";
import type { ObjectMeta } from "../../api/kube/resources/object.ts";

/** The fields of an instance that show its node; of the whole object or the slim form. */
interface Placed {
  readonly metadata: Pick<ObjectMeta, "labels">;
  readonly status?: { readonly nodeName?: string | undefined } | undefined;
}

/** Whether an instance was handed over to a node daemon, which may then have a domain for it. */
export function isHandedOver(instance: Placed): boolean {
  return nodeOf(instance) !== undefined;
}

/** The node that an instance was handed over to. */
export function nodeOf({ metadata, status }: Placed): string | undefined {
  return metadata.labels?.[labels.nodeName] ?? status?.nodeName;
}
