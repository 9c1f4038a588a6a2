import { chmod, stat } from "node:fs/promises";
import { join } from "node:path";

/** The users of the device may read and write it. */
const usable = 0o666;

/**
 * Opens /dev/kvm to all users of the node, as udev's own rules do; Debian's rules give it to a group. Each machine's
 * QEMU is in no group but its own user's, and pods have no such device. Returns whether it changed anything.
 */
export async function openKvmDevice(nodeRoot = "/proc/1/root"): Promise<boolean> {
  const device = join(nodeRoot, "dev/kvm");
  const { mode } = await stat(device);
  if ((mode & usable) === usable) return false;
  await chmod(device, (mode & 0o7777) | usable);
  return true;
}
