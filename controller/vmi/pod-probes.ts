import type { Pod } from "../../api/kube/resources/core-resources.ts";
import type { VirtualMachineInstance } from "../../api/resources.ts";
import type { Probe } from "../../api/schema/probe.ts";

/**
 * The probes of the placeholder's container. The kubelet sends them to the pod's address, and so to the guest. The pod
 * is ready when the guest answers. When the guest stops answering, the kubelet ends the pod and the daemon the guest.
 */
export function podProbes({ spec }: VirtualMachineInstance): Partial<Container> {
  const { readinessProbe, livenessProbe } = spec;
  return {
    ...(readinessProbe ? { readinessProbe: podProbe(readinessProbe) } : {}),
    ...(livenessProbe ? { livenessProbe: podProbe(livenessProbe) } : {}),
  };
}

/** A pod's form of a probe: the supported probes have the same fields. */
function podProbe(probe: Probe): PodProbe {
  return Object.fromEntries(Object.entries(probe).filter(([, value]) => value !== undefined));
}

type Container = NonNullable<Pod["spec"]>["containers"][number];
type PodProbe = NonNullable<Container["readinessProbe"]>;
