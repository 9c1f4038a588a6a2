import { lackOf } from "../instance/confinement.ts";
import type { StepContext } from "./context.ts";

/**
 * Checks QEMU's confinement before the guest runs. The node's libvirt sets it up, against a guest that takes over its
 * QEMU, and its configuration may turn it off. Throws, and stops the domain, when a restriction is missing.
 */
export async function checkConfinement({ drivers, domain, paths }: StepContext): Promise<void> {
  const [process, user] = await Promise.all([
    drivers.hypervisor.processOf(domain),
    drivers.storage.userWithAccess(paths),
  ]);
  const found = process === undefined ? undefined : await drivers.isolation.confinementOf(process);
  if (!found) throw new Error(`the QEMU of domain ${domain} is not found`);
  const lack = user ? lackOf(found, user) : "it has no user of its own";
  if (lack === undefined) return;
  await drivers.hypervisor.destroy(domain);
  // Not a RefusedError: an administrator can fix this, and no event reports the fix, so the daemon tries again.
  throw new Error(`QEMU is not confined on this node: ${lack}`);
}
