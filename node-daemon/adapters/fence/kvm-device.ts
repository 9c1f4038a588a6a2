import { chmod, stat } from "node:fs/promises";
import { join } from "node:path";

/** What its users may do with the device: read and write. */
const usable = 0o666;

/**
 * Opens /dev/kvm to all users of the node, as udev's own rules do; Debian's give it to a group. Each machine's QEMU is a
 * user without any group but its own, and pods have no such device. Returns whether something was changed.
 */
export async function openKvmDevice(nodeRoot = "/proc/1/root"): Promise<boolean> {
  const device = join(nodeRoot, "dev/kvm");
  const { mode } = await stat(device);
  if ((mode & usable) === usable) return false;
  await chmod(device, (mode & 0o7777) | usable);
  return true;
}
