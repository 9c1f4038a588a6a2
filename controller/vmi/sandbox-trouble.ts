import { byWrite } from "../../api/kube/controller/write-order.ts";
import { type Event, events } from "../../api/kube/events.ts";
import type { Pod } from "../../api/kube/resources/core-resources.ts";
import type { InstanceContext } from "./context.ts";
import type { PodTrouble } from "./pod-trouble.ts";

/** Milliseconds that a sandbox may take before its events are read. */
const patience = 3000;

/** Milliseconds between two reads of events. */
const askEvery = 10_000;

/** The known trouble with a pod's sandbox, and milliseconds until the next read. */
export interface SandboxTrouble {
  readonly trouble?: PodTrouble;
  readonly after: number;
}

/**
 * Why a pod has no sandbox yet: a missing Secret, a claim that cannot be attached, a network that cannot be set up. The
 * pod's status does not have it; the kubelet reports it only in events. `undefined` when the pod has a sandbox.
 */
export async function sandboxTrouble(context: InstanceContext): Promise<SandboxTrouble | undefined> {
  const { pod, podAge, client, signal } = context;
  if (!pod || !isWithoutSandbox(pod)) return undefined;
  const { namespace = "", uid = "" } = pod.metadata ?? {};
  if (podAge < patience) return { after: patience - podAge };
  const fieldSelector = `involvedObject.uid=${uid},type=Warning`;
  const { items } = await client.list(events, { namespace, fieldSelector, limit: 50, signal });
  const [last] = items.filter(({ reason }) => reason !== "FailedScheduling").toSorted((a, b) => byWrite(b, a));
  return { after: askEvery, ...(last ? { trouble: troubleOf(last) } : {}) };
}

function isWithoutSandbox({ status }: Pod): boolean {
  if (status?.phase !== "Pending") return false;
  return status.conditions?.find(({ type }) => type === "PodReadyToStartContainers")?.status !== "True";
}

function troubleOf({ reason = "Failed", message = "" }: Event): PodTrouble {
  return { reason, message };
}
