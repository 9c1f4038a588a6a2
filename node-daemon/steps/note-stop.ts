import type { StepContext } from "./context.ts";

/**
 * Notes the start of the guest's grace period, so that a restarted daemon does not count from zero. A full disk must
 * not keep the guest from ending, so the observer also remembers the time (`Observer.did`).
 */
export async function noteStop({ drivers, paths }: StepContext): Promise<void> {
  const { boot } = drivers.clock;
  await drivers.notes.noteStop(paths, { boot, since: drivers.clock.sinceBoot() }).catch(() => {});
}
