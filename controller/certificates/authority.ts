// @peculiar/x509 depends on tsyringe, which needs this import first.
import "reflect-metadata";
import type { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** Milliseconds for which a certificate is valid before it is made: clocks differ. */
export const skew = 5 * 60_000;

/** A certificate and its private key, in PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** The time span of a certificate. */
export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** The subject of a certificate. */
export interface Subject {
  readonly commonName: string;
  /** Whether servers or clients show it. */
  readonly usage: "server" | "client";
  /** A server's DNS names. */
  readonly names: readonly string[];
}

/** Makes a self-signed authority. */
export async function makeAuthority(commonName: string, validity: Validity): Promise<KeyPair> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: [{ CN: [commonName] }],
    ...validity,
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: certificate.toString("pem"), key: await privateKeyPem(keys.privateKey) };
}

/** Makes a key and its certificate, signed by an authority. The certificate never lasts longer than the authority. */
export async function issue(authority: KeyPair, subject: Subject, validity: Validity): Promise<KeyPair> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await certify(authority, subject, validity, await x509.PublicKey.create(keys.publicKey));
  return { certificate, key: await privateKeyPem(keys.privateKey) };
}

/** Makes the certificate (PEM) of another program's key. It never lasts longer than the authority that signs it. */
export async function certify(
  authority: KeyPair,
  subject: Subject,
  validity: Validity,
  publicKey: x509.PublicKey,
): Promise<string> {
  const issuer = new x509.X509Certificate(authority.certificate);
  const usage = { server: x509.ExtendedKeyUsage.serverAuth, client: x509.ExtendedKeyUsage.clientAuth }[subject.usage];
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: [{ CN: [subject.commonName] }],
    issuer: issuer.subjectName,
    notBefore: validity.notBefore,
    notAfter: new Date(Math.min(validity.notAfter.getTime(), issuer.notAfter.getTime())),
    signingAlgorithm: algorithm,
    publicKey,
    signingKey: await importPrivateKey(authority.key),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([usage]),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      ...(subject.names.length > 0
        ? [new x509.SubjectAlternativeNameExtension(subject.names.map((value) => ({ type: "dns", value })))]
        : []),
    ],
  });
  return certificate.toString("pem");
}

/** Random, positive and of 64 bits, as RFC 5280 requires. */
function serialNumber(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return `40${Buffer.from(bytes).toString("hex")}`;
}

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await crypto.subtle.exportKey("pkcs8", key), x509.PemConverter.PrivateKeyTag);
}

async function importPrivateKey(pem: string): Promise<webcrypto.CryptoKey> {
  const [der] = x509.PemConverter.decode(pem);
  if (!der) throw new Error("the authority's private key is not PEM");
  return crypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]);
}
