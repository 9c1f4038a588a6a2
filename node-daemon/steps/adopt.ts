import { containerOf, type StepContext } from "./context.ts";

/** Moves QEMU into the cgroups of the placeholder's container, so that QEMU counts towards the pod. */
export async function adopt(context: StepContext): Promise<void> {
  const { domain, drivers } = context;
  const pid = await drivers.hypervisor.processOf(domain);
  if (pid === undefined) throw new Error(`the QEMU of domain ${domain} is not found`);
  await drivers.pods.adopt(containerOf(context), pid);
}
