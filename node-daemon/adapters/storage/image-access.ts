import { chmod, chown, stat } from "node:fs/promises";
import { qemuUser } from "../../../api/contract/constants.ts";
import { errorCode } from "../../../api/values/error-code.ts";

/** An image that a machine's QEMU opens. */
export interface ImageAccess {
  readonly file: string;
  /** The image's name in errors. */
  readonly what: string;
  readonly writes: boolean;
}

/**
 * The group in which a user may open an image: the user's own, or KubeVirt's if the storage shows the image as owned by
 * KubeVirt's user. Opens the image to that group if needed. Throws when the user may not open the image in any group.
 */
export async function groupToOpen({ file, what, writes }: ImageAccess, user: number): Promise<number> {
  const needed = writes ? 0o6 : 0o4;
  const found = await stat(file);
  if (found.uid === user) {
    if (has(found.mode >> 6, needed)) return user;
  } else {
    if (has(found.mode, needed)) return user;
    if (found.uid === qemuUser && !has(groupMode(found), needed)) {
      // The error below covers storage that cannot do this, or that shows the image read-only.
      await shareWithGroup(file, found.mode | (needed << 3)).catch((error: unknown) => {
        if (!["EPERM", "EROFS", "EACCES"].includes(errorCode(error) ?? "")) throw error;
      });
    }
    if (has(groupMode(await stat(file)), needed)) return qemuUser;
  }
  const may = writes ? "read and write" : "read";
  throw new Error(`${what}: its image is of mode ${mode(found)}, and its storage shows it as user ${found.uid}'s; \
group ${qemuUser} is to be allowed to ${may} it`);
}

async function shareWithGroup(file: string, wanted: number): Promise<void> {
  await chown(file, qemuUser, qemuUser);
  await chmod(file, wanted & 0o777);
}

/** The permission bits of KubeVirt's group. */
function groupMode({ gid, mode: bits }: { gid: number; mode: number }): number {
  return gid === qemuUser ? bits >> 3 : 0;
}

function has(bits: number, needed: number): boolean {
  return (bits & needed) === needed;
}

function mode({ mode: bits }: { mode: number }): string {
  return `0${(bits & 0o777).toString(8)}`;
}
