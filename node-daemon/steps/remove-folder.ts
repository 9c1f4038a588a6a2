import type { StepContext } from "./context.ts";

/** Removes the last files of an instance: the hypervisor's log, then the folder that identifies the instance. */
export async function removeFolder({ drivers, domain, paths }: StepContext): Promise<void> {
  await drivers.hypervisor.removeLog(domain);
  await drivers.storage.removeFolder(paths);
}
