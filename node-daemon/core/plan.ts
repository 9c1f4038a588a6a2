import type { Step } from "../steps/step.ts";
import type { Desired, Observed, Plan, Wanted } from "./model.ts";
import { stop, tearDown, vanish } from "./plan-end.ts";
import { run } from "./plan-run.ts";

/**
 * Returns the steps from the actual to the desired state. Pure: it depends only on its arguments, so it gives the same
 * answer after a crash at any step.
 */
export function plan(desired: Desired, observed: Observed): Plan {
  if (desired.goal === "vanish" || desired.goal === "leave-log") return vanish(desired.goal, observed);
  if (desired.goal === "stop") return stop(desired.grace, observed);
  return hasEnded(desired, observed) ? tearDown(observed) : run(desired, observed);
}

/** Groups the steps of a plan in order; the steps of a group start together. */
export function concurrently(steps: readonly Step[]): Step[][] {
  const turns: Step[][] = [];
  for (const step of steps) {
    const last = turns.at(-1);
    if (last && "concurrent" in step && step.concurrent) last.push(step);
    else turns.push([step]);
  }
  return turns;
}

/** Whether the guest has run and no longer runs. */
function hasEnded({ hasRun }: Wanted, { storage, domain }: Observed): boolean {
  if (storage?.ended) return true;
  if (domain === undefined) return hasRun || storage?.started === true;
  if (domain.state !== "off") return false;
  // Only a guest that has run shuts itself down: the daemon died before it noted that the guest runs.
  return hasRun || storage?.started === true || domain.reason === "SHUTDOWN";
}
