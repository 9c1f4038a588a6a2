/** The phases of an instance, in their order; in the last ones it has ended or is lost. */
export const phases = [
  "Pending",
  "Scheduling",
  "Scheduled",
  "Running",
  "Succeeded",
  "Failed",
  "WaitingForSync",
  "Unknown",
] as const;
export type Phase = (typeof phases)[number];

/** Whether an instance in this phase has ended and never runs again. */
export function isFinal(phase: Phase | undefined): boolean {
  return phase === "Succeeded" || phase === "Failed";
}
