import type { StepContext } from "./context.ts";

/** Removes the last of an instance: what the hypervisor has logged of it, and then the folder by which it is known. */
export async function removeFolder({ ports, domain, paths }: StepContext): Promise<void> {
  await ports.hypervisor.removeLog(domain);
  await ports.storage.removeFolder(paths);
}
