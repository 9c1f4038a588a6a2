import type { StepContext } from "./context.ts";

/** Removes the last of an instance: what the hypervisor has logged of it, and then the folder by which it is known. */
export async function removeFolder({ drivers, domain, paths }: StepContext): Promise<void> {
  await drivers.hypervisor.removeLog(domain);
  await drivers.storage.removeFolder(paths);
}
