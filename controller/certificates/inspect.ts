import { createPrivateKey, X509Certificate } from "node:crypto";
import { type KeyPair, skew } from "./authority.ts";

/** The certificate of a PEM text; `undefined` when there is none. */
export function certificateOf(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

/** The certificate of a pair; `undefined` when it cannot be read or the key is another one's. */
export function usable({ certificate, key }: KeyPair): X509Certificate | undefined {
  const found = certificateOf(certificate);
  try {
    return found?.checkPrivateKey(createPrivateKey(key)) === true ? found : undefined;
  } catch {
    return undefined;
  }
}

/** The certificates in a PEM text, each as a text of its own. */
export function certificatesOf(pem: string): string[] {
  return pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}

/** Several certificates as one text, none of them twice. */
export function bundleOf(certificates: readonly string[]): string {
  const trimmed = certificates.map((one) => one.trim()).filter((one) => one !== "");
  return `${[...new Set(trimmed)].join("\n")}\n`;
}

/** When a certificate ends, in milliseconds since the epoch. */
export function endOf(certificate: X509Certificate): number {
  return certificate.validToDate.getTime();
}

/** When two thirds of the life of one of ours are over: there is a third left to find out that renewing fails. */
export function renewalOf(certificate: X509Certificate): number {
  const made = certificate.validFromDate.getTime() + skew;
  return made + ((endOf(certificate) - made) * 2) / 3;
}
