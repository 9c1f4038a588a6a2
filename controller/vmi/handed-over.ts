import { labels } from "../../api/labels.ts";
import type { VirtualMachineInstance } from "../../api/resources.ts";

/** Whether a node daemon was told of an instance, and may have a domain of it. */
export function isHandedOver(instance: VirtualMachineInstance): boolean {
  return nodeOf(instance) !== undefined;
}

/** The node that an instance was handed over to. */
export function nodeOf({ metadata, status }: VirtualMachineInstance): string | undefined {
  return metadata.labels?.[labels.nodeName] ?? status?.nodeName;
}
