import { type KeyPair, makeAuthority, skew } from "./authority.ts";
import { bundleOf, certificateOf, certificatesOf, endOf, renewalOf, usable } from "./inspect.ts";
import type { Policy } from "./policy.ts";

/** The authorities of an installation. */
export interface Authorities {
  /** The authority that signs. */
  readonly current: KeyPair;
  /** The authority that is trusted already, and signs as soon as all peers know it. */
  readonly next?: KeyPair;
  /** Certificates (PEM) of all trusted authorities: these two, and earlier ones that have not expired. */
  readonly bundle: string;
}

/**
 * The authorities that should exist now: the same object when nothing must change. The signing authority changes in
 * three steps, so that no program shows a certificate that another does not trust yet. First the next authority is
 * announced, then it signs, and the old one stays trusted until its end.
 */
export async function advanced(
  authorities: Authorities | undefined,
  policy: Policy,
  now: number,
): Promise<Authorities> {
  const current = authorities && living(authorities.current, now);
  if (!authorities || !current) return fresh(authorities, policy, now);
  const next = authorities.next && living(authorities.next, now);
  const bundle = trusted(authorities, now);
  if (authorities.next && next) {
    const announced = next.validFromDate.getTime() + skew + policy.announcement;
    if (now >= announced) return { current: authorities.next, bundle };
  } else if (now >= renewalOf(current)) {
    const made = await makeAuthority(nameAt(now), validityAt(now, policy.authority));
    return { current: authorities.current, next: made, bundle: bundleOf([made.certificate, bundle]) };
  }
  return bundle === authorities.bundle ? authorities : { ...authorities, bundle };
}

/** When the authorities change next, in milliseconds since the epoch. */
export function changeOf({ current, next }: Authorities, policy: Policy): number {
  const [signing, coming] = [certificateOf(current.certificate), next && certificateOf(next.certificate)];
  if (coming) return coming.validFromDate.getTime() + skew + policy.announcement;
  return signing ? renewalOf(signing) : 0;
}

/** A validity that begins a moment ago, because clocks differ. */
export function validityAt(now: number, lifetime: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(now - skew), notAfter: new Date(now + lifetime) };
}

/** Without a current authority there is no handover; the earlier trusted ones stay trusted until their end. */
async function fresh(before: Authorities | undefined, policy: Policy, now: number): Promise<Authorities> {
  const current = await makeAuthority(nameAt(now), validityAt(now, policy.authority));
  const old = before ? certificatesOf(before.bundle).filter((one) => isLiving(one, now)) : [];
  return { current, bundle: bundleOf([current.certificate, ...old]) };
}

function trusted({ current, next, bundle }: Authorities, now: number): string {
  const known = [next?.certificate ?? "", current.certificate, ...certificatesOf(bundle)];
  return bundleOf(known.filter((one) => isLiving(one, now)));
}

function living(pair: KeyPair, now: number) {
  const certificate = usable(pair);
  return certificate && endOf(certificate) > now ? certificate : undefined;
}

function isLiving(pem: string, now: number): boolean {
  const certificate = certificateOf(pem);
  return certificate !== undefined && endOf(certificate) > now;
}

/** Several authorities with one name and different keys confuse programs that look for an issuer by name. */
const nameAt = (now: number): string => `virt-ca-${Math.floor(now / 1000)}`;
