import { isFinal } from "../../api/phases.ts";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import type { StateChangeRequest } from "../../api/schema/virtual-machine.ts";

/**
 * The requests that are not done yet: one after the other, a Stop is done when the instance that it names is gone, and a
 * Start when there is an instance that has not ended. So a restart is a Stop followed by a Start.
 */
export function pendingRequests(
  requests: readonly StateChangeRequest[],
  instance: VirtualMachineInstance | undefined,
): StateChangeRequest[] {
  const done = (request: StateChangeRequest): boolean =>
    request.action === "Stop" ? !concerns(request, instance) : isStarted(instance);
  const first = requests.findIndex((request) => !done(request));
  return first < 0 ? [] : requests.slice(first);
}

function concerns({ uid }: StateChangeRequest, instance: VirtualMachineInstance | undefined): boolean {
  return instance !== undefined && (uid === undefined || uid === instance.metadata.uid);
}

function isStarted(instance: VirtualMachineInstance | undefined): boolean {
  return (
    instance !== undefined && instance.metadata.deletionTimestamp === undefined && !isFinal(instance.status?.phase)
  );
}
