// @peculiar/x509 stands on tsyringe, which wants this first.
import "reflect-metadata";
import { createPublicKey, X509Certificate } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { expect, test } from "vitest";
import { nodeNameClaim } from "../../../api/contract/daemon-certificate.ts";
import { validityAt } from "../../../controller/certificates/authorities.ts";
import { certify, makeAuthority } from "../../../controller/certificates/authority.ts";
import { daemonSubject } from "../../../controller/certificates/subjects.ts";
import { verdictOn } from "../../../controller/certificates/verdict-on-request.ts";
import { aKey, aRequest, daemonUser, requestOf } from "./requests.ts";

test("a daemon gets a certificate of its key, for its node, whatever name its request has", async () => {
  const key = aKey();
  const verdict = await verdictOn(aRequest("node-1", requestOf(key, "node-2.virt-node-daemon")), daemonUser);
  if (verdict.kind !== "sign") throw new Error(verdict.message);
  expect(verdict.node).toBe("node-1");
  const now = Date.now();
  const authority = await makeAuthority("ca", validityAt(now, 60_000));
  const pem = await certify(authority, daemonSubject(verdict.node), validityAt(now, 3_600_000), verdict.publicKey);
  const certificate = new X509Certificate(pem);
  expect(certificate.checkPrivateKey(key)).toBe(true);
  expect(certificate.verify(createPublicKey(authority.certificate))).toBe(true);
  expect(certificate.subjectAltName).toBe("DNS:node-1.virt-node-daemon");
  expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
  expect(certificate.ca).toBe(false);
  expect(certificate.validToDate).toEqual(new X509Certificate(authority.certificate).validToDate);
});

test("a node's name may be as long as that of a label", async () => {
  const node = `${"n".repeat(62)}1`;
  const verdict = await verdictOn(aRequest(node, requestOf(aKey(), `${node}.virt-node-daemon`)), daemonUser);
  expect(verdict).toMatchObject({ kind: "sign", node });
});

const good = requestOf(aKey());
/** The same request with one bit of the key's last byte changed. */
const forged = (): string => {
  const bytes = Buffer.from(good.replace(/-----[^-]+-----/g, ""), "base64");
  const end = bytes.indexOf(Buffer.from("a000", "hex"));
  bytes[end - 1] = (bytes[end - 1] ?? 0) ^ 1;
  return `-----BEGIN CERTIFICATE REQUEST-----\n${bytes.toString("base64")}\n-----END CERTIFICATE REQUEST-----\n`;
};

test.for([
  [
    "another account",
    { username: "system:serviceaccount:default:virt-node-daemon" },
    "is not the node daemons' account",
  ],
  ["a user of that name", { username: "virt-node-daemon" }, "is not the node daemons' account"],
  ["a token without a node", { extra: {} }, `the requester's token names no node (${nodeNameClaim})`],
  ["a token of two nodes", { extra: { [nodeNameClaim]: ["node-1", "node-2"] } }, "names no node"],
  ["an empty name", { extra: { [nodeNameClaim]: [""] } }, "names no node"],
  [
    "a client's certificate",
    { usages: ["digital signature", "client auth"] },
    "usages: [digital signature, client auth]",
  ],
  ["more usages", { usages: ["digital signature", "server auth", "cert sign"] }, "usages: "],
  [
    "no request",
    { request: Buffer.from("nothing").toString("base64") },
    "it is not a request that its own key has signed",
  ],
  ["somebody else's key", { request: Buffer.from(forged()).toString("base64") }, "its own key has signed"],
] as const)("a request with %s is refused", async ([, spec, message]) => {
  const verdict = await verdictOn(
    aRequest("node-1", good, structuredClone(spec) as Parameters<typeof aRequest>[2]),
    daemonUser,
  );
  expect(verdict).toEqual({ kind: "refuse", message: expect.stringContaining(message) as string });
});

test("a key of another kind is refused", async () => {
  const algorithm = {
    name: "RSASSA-PKCS1-v1_5",
    hash: "SHA-256",
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
  };
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: "CN=x",
    keys,
    signingAlgorithm: algorithm,
  });
  expect(await verdictOn(aRequest("node-1", request.toString("pem")), daemonUser)).toEqual({
    kind: "refuse",
    message: "request: the key is RSASSA-PKCS1-v1_5, not ECDSA on P-256",
  });
});
