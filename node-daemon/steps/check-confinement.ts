import { lackOf } from "../instance/confinement.ts";
import type { StepContext } from "./context.ts";

/**
 * Looks at what libvirt has made of QEMU before the guest runs: what holds back a guest that takes over its QEMU is the
 * node's libvirt to set up, and its configuration may say otherwise. Throws, and ends the domain, when something lacks.
 */
export async function checkConfinement({ drivers, domain, paths }: StepContext): Promise<void> {
  const [process, user] = await Promise.all([drivers.hypervisor.processOf(domain), drivers.storage.runsAs(paths)]);
  const found = process === undefined ? undefined : await drivers.fence.confinementOf(process);
  if (!found) throw new Error(`the QEMU of domain ${domain} is not found`);
  const lack = user ? lackOf(found, user) : "it has no user of its own";
  if (lack === undefined) return;
  await drivers.hypervisor.destroy(domain);
  // An administrator can mend this, of which no event tells: it is tried again.
  throw new Error(`QEMU is not confined on this node: ${lack}`);
}
