import { createPublicKey, type KeyObject, sign } from "node:crypto";
import { der, tags } from "./der.ts";

const commonName = Buffer.from("550403", "hex");
const ecdsaWithSha256 = Buffer.from("2a8648ce3d040302", "hex");

/**
 * A certificate request (PKCS #10, RFC 2986; PEM) for an ECDSA key, signed by that key. The requested name does not
 * count: the controller uses the name that the API server gives for the requester. This is written by hand, because a
 * library would cost megabytes on each node.
 */
export function signingRequest(key: KeyObject, name: string): string {
  const publicKey = createPublicKey(key).export({ type: "spki", format: "der" });
  const attribute = der(tags.sequence, der(tags.objectIdentifier, commonName), der(tags.utf8String, Buffer.from(name)));
  const subject = der(tags.sequence, der(tags.set, attribute));
  const version = der(tags.integer, Buffer.from([0]));
  const info = der(tags.sequence, version, subject, publicKey, der(tags.first));
  const algorithm = der(tags.sequence, der(tags.objectIdentifier, ecdsaWithSha256));
  // A bit string begins with the number of unused bits in its last byte.
  const signature = der(tags.bitString, Buffer.from([0]), sign("sha256", info, key));
  const base64 = der(tags.sequence, info, algorithm, signature).toString("base64");
  const lines = base64.match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE REQUEST-----\n${lines.join("\n")}\n-----END CERTIFICATE REQUEST-----\n`;
}
