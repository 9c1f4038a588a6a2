import { type KeyPair, makeAuthority, skew } from "./authority.ts";
import { bundleOf, certificateOf, certificatesOf, endOf, renewalOf, usable } from "./inspect.ts";
import type { Policy } from "./policy.ts";

/** The authorities of an installation. */
export interface Authorities {
  /** It signs. */
  readonly current: KeyPair;
  /** It is trusted already, and will sign when that is known everywhere. */
  readonly next?: KeyPair;
  /** Certificates (PEM) of all that are trusted: these two, and those of before that have not ended. */
  readonly bundle: string;
}

/**
 * The authorities as they should be now: the same object when they are. Who signs changes in three steps, so that at no
 * time somebody shows a certificate that another does not trust yet: the next one is announced, then signs, and the old
 * one is trusted until its end.
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

/** From a moment ago on. */
export function validityAt(now: number, lifetime: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(now - skew), notAfter: new Date(now + lifetime) };
}

/** There is nothing to hand over from: what is trusted of before stays trusted until its end. */
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

/** Authorities of one name and different keys confuse those who look for an issuer by its name. */
const nameAt = (now: number): string => `virt-ca-${Math.floor(now / 1000)}`;
