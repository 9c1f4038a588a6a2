import type { StepContext } from "./context.ts";

/**
 * Notes since when the guest has its grace period, so that a daemon that is started anew does not count from zero. A disk
 * that is full keeps no guest from ending: this daemon remembers it, too.
 */
export async function noteStop({ drivers, paths }: StepContext): Promise<void> {
  const { boot } = drivers.clock;
  await drivers.storage.noteStop(paths, { boot, since: drivers.clock.sinceBoot() }).catch(() => {});
}
