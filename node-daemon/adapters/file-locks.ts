/**
 * Whether `/proc/locks` (proc(5)) has a lock on a file, such as QEMU takes on images that it has open. Locks of other nodes
 * on a shared file system are not in it.
 */
export function isLocked(locks: string, dev: bigint, ino: bigint): boolean {
  const file = `${hex(major(dev))}:${hex(minor(dev))}:${ino}`;
  return locks.split("\n").some((line) => line.split(/\s+/).includes(file));
}

/** The parts of a device's number, as glibc takes it apart. */
function major(dev: bigint): bigint {
  return ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & 0xfffff000n);
}

function minor(dev: bigint): bigint {
  return (dev & 0xffn) | ((dev >> 12n) & 0xffffff00n);
}

function hex(number: bigint): string {
  return number.toString(16).padStart(2, "0");
}
