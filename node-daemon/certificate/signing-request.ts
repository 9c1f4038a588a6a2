import { createPublicKey, type KeyObject, sign } from "node:crypto";
import { der, tags } from "./der.ts";

const commonName = Buffer.from("550403", "hex");
const ecdsaWithSha256 = Buffer.from("2a8648ce3d040302", "hex");

/**
 * A request for a certificate (PKCS #10, RFC 2986; PEM) of an ECDSA key, signed by it. It asks for no name that counts: the
 * controller takes the name from what the API server says of who asks. Written by hand, because a library for it
 * would cost each node megabytes.
 */
export function signingRequest(key: KeyObject, name: string): string {
  const publicKey = createPublicKey(key).export({ type: "spki", format: "der" });
  const attribute = der(tags.sequence, der(tags.objectIdentifier, commonName), der(tags.utf8String, Buffer.from(name)));
  const subject = der(tags.sequence, der(tags.set, attribute));
  const version = der(tags.integer, Buffer.from([0]));
  const info = der(tags.sequence, version, subject, publicKey, der(tags.first));
  const algorithm = der(tags.sequence, der(tags.objectIdentifier, ecdsaWithSha256));
  // A bit string says first how many bits of its last byte are not used.
  const signature = der(tags.bitString, Buffer.from([0]), sign("sha256", info, key));
  const base64 = der(tags.sequence, info, algorithm, signature).toString("base64");
  const lines = base64.match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE REQUEST-----\n${lines.join("\n")}\n-----END CERTIFICATE REQUEST-----\n`;
}
