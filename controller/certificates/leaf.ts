import type { X509Certificate } from "node:crypto";
import { type Authorities, validityAt } from "./authorities.ts";
import { issue, type KeyPair, type Subject } from "./authority.ts";
import { certificateOf, certificatesOf, endOf, renewalOf, usable } from "./inspect.ts";
import type { Policy } from "./policy.ts";

/** The pair that should exist now: the same object while it is still good. */
export async function renewed(
  pair: KeyPair | undefined,
  subject: Subject,
  authorities: Authorities,
  policy: Policy,
  now: number,
): Promise<KeyPair> {
  const certificate = pair && usable(pair);
  if (pair && certificate && isGood(certificate, subject, authorities, now)) return pair;
  return issue(authorities.current, subject, validityAt(now, policy.certificate));
}

/** When a certificate is renewed, in milliseconds since the epoch. */
export function renewalTime({ certificate }: KeyPair): number {
  const found = certificateOf(certificate);
  return found ? renewalOf(found) : 0;
}

function isGood(certificate: X509Certificate, subject: Subject, { bundle }: Authorities, now: number): boolean {
  if (now >= renewalOf(certificate) || now >= endOf(certificate)) return false;
  if (!certificate.subject.split("\n").includes(`CN=${subject.commonName}`)) return false;
  if (subject.names.some((name) => certificate.checkHost(name, { wildcards: false }) === undefined)) return false;
  return certificatesOf(bundle).some((one) => {
    const authority = certificateOf(one);
    return authority !== undefined && certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
  });
}
