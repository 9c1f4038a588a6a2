import { deviceNumber } from "./device-number.ts";

/** The byte of an image that QEMU locks while it writes (`RAW_LOCK_PERM_BASE + BLK_PERM_WRITE` in its sources). */
const writersByte = 101;

/**
 * Whether `/proc/locks` (proc(5)) has a lock that keeps QEMU from opening a file: any lock if QEMU writes to it, a
 * writer's lock if QEMU only reads it. The file does not list other nodes' locks on a shared file system.
 */
export function isLocked(locks: string, dev: bigint, ino: bigint, readOnly: boolean): boolean {
  const { major, minor } = deviceNumber(dev);
  const file = `${hex(major)}:${hex(minor)}:${ino}`;
  return locks.split("\n").some((line) => {
    const fields = line.split(/\s+/);
    const at = fields.indexOf(file);
    if (at < 0) return false;
    const [first, last] = fields.slice(at + 1);
    return !readOnly || (Number(first) <= writersByte && (last === "EOF" || Number(last) >= writersByte));
  });
}

function hex(number: number): string {
  return number.toString(16).padStart(2, "0");
}
