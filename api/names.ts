import { createHash } from "node:crypto";

/** The longest value that a label can have. */
const maximum = 63;

/**
 * The value of the label `vmi.kubevirt.io/id` for an instance's name: the name, or where it is too long its first 54
 * characters, a hyphen and 8 hexadecimal digits of the name's SHA-1.
 */
export function instanceIdLabel(name: string): string {
  if (name.length <= maximum) return name;
  return `${name.slice(0, 54)}-${createHash("sha1").update(name).digest("hex").slice(0, 8)}`;
}

/** An instance's name as the host name of its pod and its guest, which is a DNS label. */
export function hostnameOf(name: string): string {
  return name.replaceAll(".", "-").slice(0, maximum).replace(/-+$/, "");
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
