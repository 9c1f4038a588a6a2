import { XMLParser } from "fast-xml-parser";
import type { InstanceIdentity } from "../instance/identity.ts";
import { type Element, element } from "./element.ts";

/** The XML namespace of the daemon's metadata in a domain. */
export const metadataUri = "urn:kubectl-virt:instance:1";

/** The element that identifies a domain's instance, also after a restart of the daemon. */
export function metadataElement({ namespace, name, uid }: InstanceIdentity): Element {
  return element("virt:instance", { "xmlns:virt": metadataUri, namespace, name, uid });
}

/** Parses that element; undefined when it is not the daemon's. */
export function parseMetadata(xml: string): InstanceIdentity | undefined {
  const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: "", removeNSPrefix: true });
  const parsed: { instance?: Partial<InstanceIdentity> } = parser.parse(xml);
  const { namespace, name, uid } = parsed.instance ?? {};
  return namespace && name && uid ? { namespace, name, uid } : undefined;
}
