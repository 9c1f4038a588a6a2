/** Work that continues until its signal is aborted. */
export type Activity = (signal: AbortSignal) => Promise<void>;

/**
 * Runs activities until the signal is aborted or one of them ends, which ends the others. Resolves when all have ended.
 * Throws the first failure.
 */
export async function runTogether(activities: readonly Activity[], signal: AbortSignal): Promise<void> {
  const ended = new AbortController();
  const both = AbortSignal.any([signal, ended.signal]);
  const failures: unknown[] = [];
  const watched = activities.map(async (activity) => {
    try {
      await activity(both);
    } catch (error) {
      // An activity that ends because of the abort has not failed.
      if (!both.aborted) failures.push(error);
    } finally {
      ended.abort();
    }
  });
  await Promise.all(watched);
  if (failures.length > 0) throw failures[0];
}
