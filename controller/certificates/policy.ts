/** How long certificates count, in milliseconds. */
export interface Policy {
  /** An authority. The next one is made when two thirds of it are over. */
  readonly authority: number;
  /** What an authority signs. It is made anew when two thirds of it are over. */
  readonly certificate: number;
  /** How long the next authority is known everywhere before it signs; kubelets take two minutes to hand a Secret on. */
  readonly announcement: number;
}

const hour = 3_600_000;
const day = 24 * hour;

export const defaultPolicy: Policy = { authority: 365 * day, certificate: 30 * day, announcement: hour };

/** Throws when certificates would outlive the trust in who signed them. */
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
