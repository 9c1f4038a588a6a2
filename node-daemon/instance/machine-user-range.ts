import { createHash } from "node:crypto";

/**
 * The range of users for machines' QEMU. Each user has a group of the same number; nothing else on the node uses these.
 */
export interface UserRange {
  readonly first: number;
  readonly last: number;
}

/**
 * A range that nothing else uses. It is above OpenShift's namespaces (to 1,999,999,999) and directories (SSSD's go to
 * 2,000,200,000), and below systemd's reserved range (from 2,147,352,576). It is outside the ranges of containers
 * (systemd's are 524,288 to 1,879,048,191; the kubelet's begin at 65,536).
 */
export const defaultUsers = "2100000000-2100065535";

/** Users and groups of the system, of services and of people are below this number. */
const least = 65_536;
/** The next number means "no user". */
const most = 0xffff_fffe;

/** Parses a range from the command line, `FIRST-LAST`. Throws with a description of the mistake. */
export function parseUserRange(text: string): UserRange {
  const [, first, last] = /^(\d+)-(\d+)$/.exec(text) ?? [];
  const range = { first: Number(first), last: Number(last) };
  if (first === undefined) throw new RangeError(`"${text}" is no range of users, such as ${defaultUsers}`);
  if (range.first < least || range.last > most) {
    throw new RangeError(`"${text}": machines' users are to be from ${least} to ${most}`);
  }
  if (range.last < range.first) throw new RangeError(`"${text}" ends before it begins`);
  return range;
}

/** Whether a user is in the range of machine users. */
export function isMachineUser({ first, last }: UserRange, user: number): boolean {
  return user >= first && user <= last;
}

/**
 * Finds a free user. The instance's uid decides where the search begins. So the next machine does not get a user whose
 * files an earlier machine may have left on the node. Throws when no user is free.
 */
export function freeUser({ first, last }: UserRange, uid: string, taken: ReadonlySet<number>): number {
  const size = last - first + 1;
  const start = createHash("sha256").update(uid).digest().readUIntBE(0, 6) % size;
  for (let tried = 0; tried < size; tried += 1) {
    const user = first + ((start + tried) % size);
    if (!taken.has(user)) return user;
  }
  throw new Error(`all users of machines, ${first} to ${last}, are taken on this node`);
}
