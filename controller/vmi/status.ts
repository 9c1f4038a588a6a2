import { isDeepStrictEqual } from "node:util";
import { metadataOf } from "../../api/kube/resources/resource.ts";
import { instances } from "../../api/resources.ts";
import type { Condition } from "../../api/schema/condition.ts";
import { conditionReasons } from "../../api/status/condition-types.ts";
import { conditionOf, type NewCondition, removeCondition, setCondition } from "../../api/status/conditions.ts";
import type { SlimInstance, SlimInstanceStatus } from "../cache/slim-instance.ts";
import { untilCached } from "../cache/until-cached.ts";
import { statusPatch } from "../status-patch.ts";
import type { InstanceContext } from "./context.ts";
import { type PodTrouble, withoutPod } from "./pod-trouble.ts";

/**
 * The status with conditions for the placeholder pod's trouble, or without them when there is none any more. The
 * controller owns `Ready` until the guest runs, then the daemon does.
 */
export function withTrouble(
  status: SlimInstanceStatus,
  trouble: PodTrouble | undefined,
  now: Date,
): SlimInstanceStatus {
  let conditions: readonly Condition[] = status.conditions ?? [];
  for (const type of ["PodScheduled", "Synchronized"]) {
    const isTold = type === "PodScheduled" || withoutPod.has(conditionOf(conditions, type)?.reason ?? "");
    if (trouble?.type === type) conditions = setCondition(conditions, negative(type, trouble), now);
    else if (isTold) conditions = removeCondition(conditions, type);
  }
  if (status.phase !== "Running") conditions = setCondition(conditions, negative("Ready", trouble ?? notRunning), now);
  return { ...status, conditions: [...conditions] };
}

/** Whether a status reports a trouble of the pod. */
export function reportsTrouble({ phase, conditions }: SlimInstanceStatus): boolean {
  const ready = conditionOf(conditions, "Ready");
  return (
    conditionOf(conditions, "PodScheduled") !== undefined ||
    withoutPod.has(conditionOf(conditions, "Synchronized")?.reason ?? "") ||
    (phase !== "Running" && ready !== undefined && ready.reason !== notRunning.reason)
  );
}

const notRunning = {
  reason: conditionReasons.guestNotRunning,
  message: "Guest VM is not reported as running",
} as const;

function negative(type: string, { reason, message }: PodTrouble): NewCondition {
  return { type, status: "False", reason, message };
}

/**
 * Writes the changes of an instance's status, if there are any, and waits until the cache shows them. Throws ApiError
 * (`isConflict`) when the instance has changed since it was read: the daemon writes it too.
 */
export async function writeStatus(
  { client, cache, signal, instance }: InstanceContext,
  next: SlimInstanceStatus,
  current: SlimInstance = instance,
): Promise<void> {
  if (isDeepStrictEqual(current.status ?? {}, next)) return;
  const { name = "", namespace = "", resourceVersion } = current.metadata;
  const patch = { metadata: { resourceVersion }, status: statusPatch(current.status ?? {}, next) };
  const written = await client.mergePatch(metadataOf(instances), { name, namespace }, patch, {
    subresource: "status",
    signal,
  });
  await untilCached(cache.instances.store, written, signal);
}
