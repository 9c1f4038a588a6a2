import type { Pod } from "../../api/kube/core-resources.ts";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import type { Probe } from "../../api/schema/probe.ts";

/**
 * The probes of the placeholder's container, which the kubelet sends to the pod's address, and so to the guest: the pod
 * is ready when the guest answers, and ends when it no longer does. `hold` does not end when it is asked to, and there is
 * nothing to ask of a guest that does not answer.
 */
export function podProbes({ spec }: VirtualMachineInstance): Partial<Container> {
  const { readinessProbe, livenessProbe } = spec;
  return {
    ...(readinessProbe ? { readinessProbe: podProbe(readinessProbe) } : {}),
    ...(livenessProbe ? { livenessProbe: { ...podProbe(livenessProbe), terminationGracePeriodSeconds: 1 } } : {}),
  };
}

/** A probe as pods have it: what the kubelet can ask has the same fields. */
function podProbe(probe: Probe): PodProbe {
  return Object.fromEntries(Object.entries(probe).filter(([, value]) => value !== undefined));
}

type Container = NonNullable<Pod["spec"]>["containers"][number];
type PodProbe = NonNullable<Container["readinessProbe"]>;
