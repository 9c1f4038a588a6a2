import { createHash } from "node:crypto";

/** The longest value that a label can have, whether it is one of Kubernetes or of DNS. */
const maximum = 63;

/**
 * The value of the label `vmi.kubevirt.io/id` for an instance's name: the name, or where it is too long its first 54
 * characters, a hyphen and 8 hexadecimal digits of the name's SHA-1.
 */
export function instanceIdLabel(name: string): string {
  if (name.length <= maximum) return name;
  return `${name.slice(0, 54)}-${createHash("sha1").update(name).digest("hex").slice(0, 8)}`;
}

/** What of an instance names its host. */
export interface NamesHost {
  readonly metadata: { readonly name?: string };
  readonly spec: { readonly hostname?: string | undefined };
}

/**
 * The host name of an instance's pod and of its guest, a DNS label. The cluster's DNS, DHCP and cloud-init's data have it from
 * here, so they agree. Where the spec has none, it is what the name has before its first dot, as KubeVirt's clients expect
 * (`SanitizeHostname` in its pkg/util/net/dns).
 */
export function hostnameOf({ metadata, spec }: NamesHost): string {
  const [label = ""] = (metadata.name ?? "").split(".");
  // A name's parts may be longer than labels, and a label ends with no hyphen.
  return spec.hostname || label.slice(0, maximum).replace(/-+$/, "");
}

/** A name-based UUID (version 5) of a text; the same text gives the same UUID for ever. */
export function stableUuid(text: string): string {
  const bytes = createHash("sha1").update(namespace).update(text).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** The name space of our UUIDs; a random one, fixed once. */
const namespace = Buffer.from("8f6d1a0e5c2b4e7f9a33d1c40b7e6a52", "hex");
