import type { StepContext } from "./context.ts";

/** Thaws the guest's file systems; `ifPossible`: a guest that does not answer is let be. */
export async function thaw(
  { ports, paths, domain }: StepContext,
  { ifPossible = false }: { ifPossible?: boolean },
): Promise<void> {
  try {
    await ports.hypervisor.thaw(domain);
  } catch (error) {
    if (!ifPossible) throw error;
  }
  await ports.storage.forgetFreeze(paths);
}
