import { annotations, labels } from "../../api/contract/labels.ts";
import type { Node } from "../../api/kube/resources/core-resources.ts";
import { entriesOf, given } from "./fields.ts";

/** A node's name, its conditions, and its daemon's fields. Its list of images alone can take many kilobytes. */
export function slimNode({ metadata, status }: Node): Node {
  const { name, uid, resourceVersion } = metadata ?? {};
  const conditions = status?.conditions;
  return {
    metadata: given<NonNullable<Node["metadata"]>>({
      name,
      uid,
      resourceVersion,
      labels: entriesOf(metadata?.labels, [labels.schedulable]),
      annotations: entriesOf(metadata?.annotations, [annotations.heartbeat, annotations.unschedulableReason]),
    }),
    status: conditions ? { conditions } : {},
  };
}
