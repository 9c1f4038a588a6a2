import { chmod, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

/** Lets others pass through a folder without listing it. */
const passable = 0o001;

/**
 * Lets QEMU as another user than libvirt's own reach its domain's folder: libvirt's upstream mode of the folder above is
 * 0751, Debian's is 0750. Each domain's own folder stays closed to others. Returns whether something was changed.
 */
export async function openLibvirtFolder(nodeRoot = "/proc/1/root"): Promise<boolean> {
  const folder = join(nodeRoot, "var/lib/libvirt/qemu");
  const { mode } = await stat(folder);
  if ((mode & passable) !== 0) return false;
  await chmod(folder, (mode & 0o7777) | passable);
  return true;
}

/** Removes what libvirt has logged of a domain, which it never does itself, with what was rotated. */
export async function removeDomainLogs(domain: string, nodeRoot = "/proc/1/root"): Promise<void> {
  const folder = join(nodeRoot, "var/log/libvirt/qemu");
  const log = `${domain}.log`;
  for (const name of await readdir(folder).catch(() => [])) {
    if (name === log || (name.startsWith(`${log}.`) && /^\d+$/.test(name.slice(log.length + 1)))) {
      await rm(join(folder, name), { force: true });
    }
  }
}
