import type { VirtualMachineStatus } from "../../api/schema/virtual-machine.ts";
import { timestamp } from "../../api/status/conditions.ts";
import { isFinal } from "../../api/status/phases.ts";
import type { RunStrategy } from "../../api/status/virtual-machine-states.ts";
import type { SlimInstance } from "../cache/slim-instance.ts";

export type StartFailure = NonNullable<VirtualMachineStatus["startFailure"]>;

/** Seconds that a machine waits after its first failed start, and at most. */
const delays = { first: 10, most: 300 } as const;

/** The strategies that start a machine anew by themselves. */
const repeating: readonly RunStrategy[] = ["Always", "RerunOnFailure", "Once"];

/** Seconds to wait after a number of failed starts in a row: 10, doubled each time, to 5 minutes. */
export function startDelay(failures: number): number {
  return Math.min(delays.most, delays.first * 2 ** Math.min(failures - 1, 10));
}

/**
 * What is known of starts that failed: an instance that ended before it ran counts once; one that ran forgets them all.
 */
export function startFailureOf(
  current: StartFailure | undefined,
  instance: SlimInstance | undefined,
  strategy: RunStrategy,
  now: Date,
): StartFailure | undefined {
  if (!repeating.includes(strategy) || hasRun(instance)) return undefined;
  const uid = instance?.metadata.uid;
  if (!instance || uid === undefined || !isFinal(instance.status?.phase) || current?.lastFailedVMIUID === uid) {
    return current;
  }
  const consecutiveFailCount = (current?.consecutiveFailCount ?? 0) + 1;
  const retry = new Date(now.getTime() + startDelay(consecutiveFailCount) * 1000);
  return { consecutiveFailCount, lastFailedVMIUID: uid, retryAfterTimestamp: timestamp(retry) };
}

/**
 * Milliseconds until a machine whose starts failed may be started again; zero or less when it may be now. The time to wait
 * for was written by the clock of the controller that led then. So no controller waits longer than the delay, counted
 * from when it came to know of the failure: `age` milliseconds ago.
 */
export function startsIn(failure: StartFailure | undefined, now: Date, age: number): number {
  const { retryAfterTimestamp, consecutiveFailCount = 1 } = failure ?? {};
  if (!retryAfterTimestamp) return 0;
  return Math.min(Date.parse(retryAfterTimestamp) - now.getTime(), startDelay(consecutiveFailCount) * 1000 - age);
}

function hasRun(instance: SlimInstance | undefined): boolean {
  return instance?.status?.phaseTransitionTimestamps?.some(({ phase }) => phase === "Running") === true;
}
