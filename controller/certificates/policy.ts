/** The lifetimes of certificates, in milliseconds. */
export interface Policy {
  /** Of an authority. The next one is made after two thirds of it. */
  readonly authority: number;
  /** Of a certificate that an authority signs. It is renewed after two thirds of it. */
  readonly certificate: number;
  /** How long the next authority is announced before it signs; kubelets take two minutes to update a mounted Secret. */
  readonly announcement: number;
}

const hour = 3_600_000;
const day = 24 * hour;

export const defaultPolicy: Policy = { authority: 365 * day, certificate: 30 * day, announcement: hour };

/** Throws when certificates could outlive the trust in their authority. */
export function checked(policy: Policy): Policy {
  const { authority, certificate, announcement } = policy;
  if (certificate + announcement > authority / 3) {
    throw new RangeError(
      `certificates of ${certificate} ms announced for ${announcement} ms need an authority of ` +
        `${3 * (certificate + announcement)} ms at least, not ${authority} ms`,
    );
  }
  return policy;
}
