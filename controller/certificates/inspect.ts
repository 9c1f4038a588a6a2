import { createPrivateKey, X509Certificate } from "node:crypto";
import { type KeyPair, skew } from "./authority.ts";

/** The certificate of a PEM text; `undefined` when it has none. */
export function certificateOf(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

/** The certificate of a pair; `undefined` when it is unreadable or the key does not match. */
export function usable({ certificate, key }: KeyPair): X509Certificate | undefined {
  const found = certificateOf(certificate);
  try {
    return found?.checkPrivateKey(createPrivateKey(key)) === true ? found : undefined;
  } catch {
    return undefined;
  }
}

/** The certificates in a PEM text, each as its own text. */
export function certificatesOf(pem: string): string[] {
  return pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}

/** Several certificates as one text, without duplicates. */
export function bundleOf(certificates: readonly string[]): string {
  const trimmed = certificates.map((one) => one.trim()).filter((one) => one !== "");
  return `${[...new Set(trimmed)].join("\n")}\n`;
}

/** When a certificate expires, in milliseconds since the epoch. */
export function endOf(certificate: X509Certificate): number {
  return certificate.validToDate.getTime();
}

/** When two thirds of the lifetime of our certificate are over: a third is left to notice that renewing fails. */
export function renewalOf(certificate: X509Certificate): number {
  const made = certificate.validFromDate.getTime() + skew;
  return made + ((endOf(certificate) - made) * 2) / 3;
}
