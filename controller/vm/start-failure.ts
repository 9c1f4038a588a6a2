import type { VirtualMachineStatus } from "../../api/schema/virtual-machine.ts";
import { timestamp } from "../../api/status/conditions.ts";
import { isFinal } from "../../api/status/phases.ts";
import type { RunStrategy } from "../../api/status/virtual-machine-states.ts";
import type { SlimInstance } from "../cache/slim-instance.ts";

export type StartFailure = NonNullable<VirtualMachineStatus["startFailure"]>;

/** Seconds that a machine waits after its first failed start, and the longest wait. */
const delays = { first: 10, most: 300 } as const;

/** The strategies that restart a machine by themselves. */
const repeating: readonly RunStrategy[] = ["Always", "RerunOnFailure", "Once"];

/** Seconds to wait after a number of failed starts in a row: 10, doubled each time, to 5 minutes. */
export function startDelay(failures: number): number {
  return Math.min(delays.most, delays.first * 2 ** Math.min(failures - 1, 10));
}

/** The record of failed starts. An instance that ended before it ran counts once; one that ran clears the record. */
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
 * Milliseconds until a machine may start again after failed starts; zero or less when it may start now. The delay counts
 * from when this controller learned of the failure: `age` milliseconds ago. The retry time in the status is by the
 * clock of the leader that wrote it, and only for readers.
 */
export function startsIn(failure: StartFailure | undefined, age: number): number {
  const { retryAfterTimestamp, consecutiveFailCount = 1 } = failure ?? {};
  return retryAfterTimestamp ? startDelay(consecutiveFailCount) * 1000 - age : 0;
}

/** The name of a machine's last failed start, by which a controller knows when it learned of it. */
export function failureKey(machine: string | undefined, failure: StartFailure | undefined): string | undefined {
  if (!failure?.retryAfterTimestamp) return undefined;
  return `${failure.lastFailedVMIUID ?? machine} failed ${failure.consecutiveFailCount ?? 1}`;
}

function hasRun(instance: SlimInstance | undefined): boolean {
  return instance?.status?.phaseTransitionTimestamps?.some(({ phase }) => phase === "Running") === true;
}
