import { defaultGracePeriod } from "../../api/contract/constants.ts";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import { isFinal } from "../../api/status/phases.ts";
import { keepsLog } from "../instance/keeps-log.ts";
import type { Placeholder } from "../instance/placeholder.ts";
import type { PodLink } from "../network/pod-link.ts";
import type { Desired } from "./plan.ts";
import { wantedOf } from "./wanted.ts";

/**
 * What is wanted of an instance, given the pod's devices that it is bridged to, as far as they are known. Throws, naming
 * the field, for what cannot be done here.
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
    // Since when it is deleted, the API server says by another clock than ours.
    return { goal: "stop", grace: (instance.spec.terminationGracePeriodSeconds ?? defaultGracePeriod) * 1000 };
  }
  if (placeholder.state === "ended") return { goal: "stop", grace: 0 };
  if (placeholder.state === "deleted") return { goal: "stop", grace: placeholder.grace };
  return { goal: "run", ...wantedOf(instance, links) };
}
