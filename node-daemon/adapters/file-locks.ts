import { deviceNumber } from "./device-number.ts";

/**
 * Whether `/proc/locks` (proc(5)) has a lock on a file, such as QEMU takes on images that it has open. Locks of other nodes
 * on a shared file system are not in it.
 */
export function isLocked(locks: string, dev: bigint, ino: bigint): boolean {
  const { major, minor } = deviceNumber(dev);
  const file = `${hex(major)}:${hex(minor)}:${ino}`;
  return locks.split("\n").some((line) => line.split(/\s+/).includes(file));
}

function hex(number: number): string {
  return number.toString(16).padStart(2, "0");
}
