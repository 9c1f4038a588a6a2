import type { StateChangeRequest } from "../../api/schema/virtual-machine.ts";
import { isFinal } from "../../api/status/phases.ts";
import type { RunStrategy } from "../../api/status/virtual-machine-states.ts";
import type { SlimInstance } from "../cache/slim-instance.ts";

/**
 * The pending requests, in order. A Stop is done when the instance that it names is gone, and a Start when an instance
 * exists that has not ended. So a restart is a Stop followed by a Start.
 *
 * A user who starts a halted machine changes its strategy, and adds a request only to start the guest paused. So any
 * other Start of a halted machine is the rest of a restart, or of another strategy, before the halt.
 */
export function pendingRequests(
  requests: readonly StateChangeRequest[],
  instance: SlimInstance | undefined,
  strategy: RunStrategy,
): StateChangeRequest[] {
  const done = (request: StateChangeRequest): boolean =>
    request.action === "Stop" ? !concerns(request, instance) : isStarted(instance);
  const first = requests.findIndex((request) => !done(request));
  const pending = first < 0 ? [] : requests.slice(first);
  return strategy === "Halted" ? pending.filter((request) => request.action === "Stop" || isToPause(request)) : pending;
}

/** Whether a guest must start paused. */
export function isToPause({ data }: StateChangeRequest): boolean {
  return data?.paused === "true";
}

function concerns({ uid }: StateChangeRequest, instance: SlimInstance | undefined): boolean {
  return instance !== undefined && (uid === undefined || uid === instance.metadata.uid);
}

function isStarted(instance: SlimInstance | undefined): boolean {
  return (
    instance !== undefined && instance.metadata.deletionTimestamp === undefined && !isFinal(instance.status?.phase)
  );
}
