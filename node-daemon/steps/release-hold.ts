import type { StepContext } from "./context.ts";

/** Lets the placeholder's container end, with the instance's phase as its result. */
export async function releaseHold({ drivers, podUid, ending }: StepContext): Promise<void> {
  if (podUid !== undefined) await drivers.pods.release(podUid, ending.phase);
}
