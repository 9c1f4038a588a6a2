import { createHash } from "node:crypto";

/**
 * The users that machines' QEMUs may be, from the first to the last. Each is a group of the same number, too, and nobody
 * else's on the node.
 */
export interface UserRange {
  readonly first: number;
  readonly last: number;
}

/**
 * Where nothing else has its users: above those of OpenShift's namespaces (to 1,999,999,999) and of directories (SSSD's
 * go to 2,000,200,000), below those that systemd keeps for itself (from 2,147,352,576), and outside those of containers
 * (systemd's are 524,288 to 1,879,048,191; the kubelet's begin at 65,536).
 */
export const defaultUsers = "2100000000-2100065535";

/** The users and groups of systems, services and people end below it. */
const least = 65_536;
/** The last number stands for no user at all. */
const most = 0xffff_fffe;

/** Reads a range as it is given on the command line, `FIRST-LAST`. Throws, naming what is wrong with it. */
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

/** Whether a user is a machine's. */
export function isMachineUser({ first, last }: UserRange, user: number): boolean {
  return user >= first && user <= last;
}

/**
 * A user that is not taken. Where the search begins, the instance's uid decides: what an earlier machine may have left
 * somewhere on the node is so not the next one's. Throws when all are taken.
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
