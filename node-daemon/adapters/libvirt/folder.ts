import { chmod, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

/** Lets other users pass through a folder without listing it. */
const passable = 0o001;

/**
 * Lets QEMU reach its domain's folder as another user than libvirt's own. For the parent folder, upstream libvirt uses
 * mode 0751, Debian 0750. Each domain's own folder stays closed to others. Returns whether it changed anything.
 */
export async function openLibvirtFolder(nodeRoot = "/proc/1/root"): Promise<boolean> {
  const folder = join(nodeRoot, "var/lib/libvirt/qemu");
  const { mode } = await stat(folder);
  if ((mode & passable) !== 0) return false;
  await chmod(folder, (mode & 0o7777) | passable);
  return true;
}

/** Removes libvirt's log of a domain and the rotated copies. libvirt itself never removes them. */
export async function removeDomainLogs(domain: string, nodeRoot = "/proc/1/root"): Promise<void> {
  const folder = join(nodeRoot, "var/log/libvirt/qemu");
  const log = `${domain}.log`;
  for (const name of await readdir(folder).catch(() => [])) {
    if (name === log || (name.startsWith(`${log}.`) && /^\d+$/.test(name.slice(log.length + 1)))) {
      await rm(join(folder, name), { force: true });
    }
  }
}
