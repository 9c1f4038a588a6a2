import type { Step } from "../steps/step.ts";
import type { Observed, Plan } from "./model.ts";

/** Milliseconds until the next press of the power button: a guest that is still booting does not hear it. */
export const pressEvery = 5000;

/** Ends a guest: orderly within its grace period, then by force. */
export function stop(grace: number, observed: Observed): Plan {
  const { storage, domain, now, stopping, pressed, frozen } = observed;
  if (!domain || domain.state === "off") return tearDown(observed);
  // A guest that has never run has nothing to save.
  const deadline = (stopping ?? now) + grace;
  if (now >= deadline || !storage?.started) return { steps: [{ do: "destroy" }], awaiting: "next-look" };
  const again = pressed === undefined ? 0 : pressed + pressEvery - now;
  const after = Math.min(deadline - now, again > 0 ? again : pressEvery);
  // This comes first: a failure to press the button must not delay the end of the grace period.
  const note: Step[] = stopping === undefined ? [{ do: "note-stop" }] : [];
  if (again > 0) return { steps: note, awaiting: "shutdown", after };
  // A paused guest does not hear the button.
  const wake: Step[] = domain.state === "paused" ? [{ do: "resume" }] : [];
  // A guest with frozen file systems hears the button, but its shutdown hangs.
  const thaw: Step[] = frozen && !frozen.isOver ? [{ do: "thaw", ifPossible: true }] : [];
  return { steps: [...note, ...wake, ...thaw, { do: "press-power-button" }], awaiting: "shutdown", after };
}

/** The domain has ended or never existed: removes all but the folder, which stays until the status has the end. */
export function tearDown({ storage, domain, network }: Observed): Plan {
  const steps: Step[] = [];
  if (storage && !storage.ended) steps.push({ do: "mark-ended" });
  steps.push({ do: "detach-console" });
  if (domain) steps.push({ do: "undefine" });
  if (network.onNode.length > 0) steps.push({ do: "remove-taps" });
  if (storage && !storage.empty) steps.push({ do: "remove-disks" });
  return { steps: [...steps, { do: "release-hold" }], awaiting: "removal" };
}

/** Removes all of an instance, except for its log if that stays. */
export function vanish(goal: "vanish" | "leave-log", { storage, domain, container, network }: Observed): Plan {
  if (domain && domain.state !== "off") return { steps: [{ do: "destroy" }], awaiting: "next-look" };
  const steps: Step[] = [{ do: "detach-console" }];
  if (domain) steps.push({ do: "undefine" });
  if (network.onNode.length > 0) steps.push({ do: "remove-taps" });
  // This comes before the pod ends: its volumes must be free before the kubelet removes them.
  if (storage && !storage.empty) steps.push({ do: "remove-disks" });
  if (container) steps.push({ do: "release-hold" });
  // This comes last: a daemon that finds the folder reads in it to which instance it belongs, so that it may remove it.
  if (storage && goal === "vanish") steps.push({ do: "remove-folder" });
  return { steps, awaiting: "nothing" };
}
