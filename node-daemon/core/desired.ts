import { defaultGracePeriod } from "../../api/contract/constants.ts";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import { isFinal } from "../../api/status/phases.ts";
import { keepsLog } from "../instance/keeps-log.ts";
import type { Placeholder } from "../instance/placeholder.ts";
import type { PodLink } from "../network/pod-link.ts";
import type { Desired } from "./model.ts";
import { wantedOf } from "./wanted.ts";

/**
 * The desired state of an instance, given the pod's devices that it is bridged to, if known. Throws, naming the field,
 * for a request that this node cannot fulfil.
 */
export function desiredOf(
  instance: VirtualMachineInstance | undefined,
  placeholder: Placeholder,
  links?: readonly PodLink[],
): Desired {
  if (!instance) return { goal: "vanish" };
  const { deletionTimestamp } = instance.metadata;
  if (isFinal(instance.status?.phase)) {
    return { goal: deletionTimestamp || !keepsLog(instance) ? "vanish" : "leave-log" };
  }
  if (deletionTimestamp) {
    // The grace period starts when the daemon sees the deletion: the API server's timestamp is from another clock.
    return { goal: "stop", grace: (instance.spec.terminationGracePeriodSeconds ?? defaultGracePeriod) * 1000 };
  }
  if (placeholder.state === "ended") return { goal: "stop", grace: 0 };
  if (placeholder.state === "deleted") return { goal: "stop", grace: placeholder.grace };
  return { goal: "run", ...wantedOf(instance, links) };
}
