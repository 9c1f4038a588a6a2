import type { InstanceIdentity } from "../instance/identity.ts";
import { type Element, element } from "./element.ts";

/** The XML namespace of the daemon's metadata in a domain. */
export const metadataUri = "urn:kubectl-virt:instance:1";

/** The element that identifies a domain's instance, also after a restart of the daemon. */
export function metadataElement({ namespace, name, uid }: InstanceIdentity): Element {
  return element("virt:instance", { "xmlns:virt": metadataUri, namespace, name, uid });
}
