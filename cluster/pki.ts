// @peculiar/x509 depends on tsyringe, which needs this import first.
import "reflect-metadata";
import type { webcrypto } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as x509 from "@peculiar/x509";
import { errorCode } from "../api/values/error-code.ts";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const day = 24 * 60 * 60 * 1000;

/** A certificate and its private key, in PEM. */
export interface KeyPair {
  certificate: string;
  key: string;
}

/** The subject of a certificate. */
export interface Subject {
  commonName: string;
  organization?: string;
  /** Makes it also a server's certificate, for these DNS names and IP addresses. */
  names?: readonly string[];
}

/** Certificates of one cluster in one folder, each made on first use. */
export class Pki {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** The path of a file of this folder. */
  path(file: string): string {
    return join(this.folder, file);
  }

  /** A certificate authority, stored as `<name>.crt` and `<name>.key`. */
  async authority(name: string): Promise<KeyPair> {
    return this.#kept(name, async () => {
      const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
      const certificate = await x509.X509CertificateGenerator.createSelfSigned({
        serialNumber: serialNumber(),
        name: `CN=${name}`,
        ...validity(),
        signingAlgorithm: algorithm,
        keys,
        extensions: [
          new x509.BasicConstraintsExtension(true, undefined, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.digitalSignature, true),
          await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
        ],
      });
      return { certificate: certificate.toString("pem"), key: await privateKeyPem(keys.privateKey) };
    });
  }

  /** A client's (and, with names, also server's) certificate, signed by an authority of this folder. */
  async issue(name: string, authority: string, { commonName, organization, names = [] }: Subject): Promise<KeyPair> {
    return this.#kept(name, async () => {
      const issuer = await this.authority(authority);
      const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
      const usages = [
        x509.ExtendedKeyUsage.clientAuth,
        ...(names.length > 0 ? [x509.ExtendedKeyUsage.serverAuth] : []),
      ];
      const issuerCertificate = new x509.X509Certificate(issuer.certificate);
      const certificate = await x509.X509CertificateGenerator.create({
        serialNumber: serialNumber(),
        subject: [{ CN: [commonName] }, ...(organization ? [{ O: [organization] }] : [])],
        issuer: issuerCertificate.subject,
        ...validity(),
        signingAlgorithm: algorithm,
        publicKey: keys.publicKey,
        signingKey: await importPrivateKey(issuer.key),
        extensions: [
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
          new x509.ExtendedKeyUsageExtension(usages),
          await x509.AuthorityKeyIdentifierExtension.create(issuerCertificate.publicKey),
          ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names.map(generalName))] : []),
        ],
      });
      return { certificate: certificate.toString("pem"), key: await privateKeyPem(keys.privateKey) };
    });
  }

  /** A bare key pair that signs tokens; the certificate's file holds the public key. */
  async tokenSigner(name: string): Promise<KeyPair> {
    return this.#kept(name, async () => {
      const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
      const publicKey = await crypto.subtle.exportKey("spki", keys.publicKey);
      return {
        certificate: x509.PemConverter.encode(publicKey, x509.PemConverter.PublicKeyTag),
        key: await privateKeyPem(keys.privateKey),
      };
    });
  }

  async #kept(name: string, make: () => Promise<KeyPair>): Promise<KeyPair> {
    const [certificateFile, keyFile] = [this.path(`${name}.crt`), this.path(`${name}.key`)];
    try {
      return { certificate: await readFile(certificateFile, "utf8"), key: await readFile(keyFile, "utf8") };
    } catch (error) {
      if (errorCode(error) !== "ENOENT") throw error;
    }
    const pair = await make();
    await mkdir(this.folder, { recursive: true });
    // The certificate comes last, so that a half-written pair is made again.
    await writeFile(keyFile, pair.key, { mode: 0o600 });
    await writeFile(certificateFile, pair.certificate);
    return pair;
  }
}

function validity(): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 365 * day) };
}

function serialNumber(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(8))).toString("hex");
}

function generalName(name: string): { type: "ip" | "dns"; value: string } {
  return { type: /^[0-9.]+$/.test(name) ? "ip" : "dns", value: name };
}

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await crypto.subtle.exportKey("pkcs8", key), x509.PemConverter.PrivateKeyTag);
}

async function importPrivateKey(pem: string): Promise<webcrypto.CryptoKey> {
  const [der] = x509.PemConverter.decode(pem);
  if (!der) throw new Error("no private key in the authority's file");
  return crypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]);
}
