import type { StepContext } from "./context.ts";

/** Thaws the guest's file systems; `ifPossible` ignores a guest that does not answer. */
export async function thaw(
  { drivers, paths, domain }: StepContext,
  { ifPossible = false }: { ifPossible?: boolean },
): Promise<void> {
  try {
    await drivers.hypervisor.thaw(domain);
  } catch (error) {
    if (!ifPossible) throw error;
  }
  await drivers.notes.forgetFreeze(paths);
}
