import { formatBytes, formatQuantity, thousandths, wholeUnits } from "../../api/quantity.ts";
import type { Domain } from "../../api/schema/domain.ts";

/**
 * Bytes that QEMU takes beside the guest's memory. Measured (QEMU 7.2, q35 with VGA, VNC, rng and balloon, proportional
 * set size): 44 MiB for a guestless machine with one vCPU, 2.4 MiB more for each further one; 82 MiB for a booted Linux
 * under emulation, whose translated code counts too.
 */
const overhead = { machine: 96n << 20n, vcpu: 4n << 20n } as const;

/** Thousandths of a CPU that are requested for a vCPU when nothing is said; KubeVirt's ratio of ten to one. */
const cpuPerVcpu = 100n;

export interface PodResources {
  requests: Record<string, string>;
  limits?: Record<string, string>;
}

/** How many virtual CPUs a guest has. */
export function vcpus({ cpu }: Domain): bigint {
  return BigInt(cpu?.sockets ?? 1) * BigInt(cpu?.cores ?? 1) * BigInt(cpu?.threads ?? 1);
}

/** Bytes that the machine itself needs, beside the guest's memory. */
export function memoryOverhead(domain: Domain): bigint {
  return overhead.machine + vcpus(domain) * overhead.vcpu;
}

/**
 * What the placeholder requests of its node: the guest's memory and the machine's own, and CPU. Memory is limited only
 * where the author asks for that, since a guest at its limit is killed.
 */
export function podResources(domain: Domain): PodResources {
  const { requests = {}, limits = {} } = domain.resources ?? {};
  const guest = requests.memory ?? domain.memory?.guest ?? limits.memory ?? 0;
  const own = memoryOverhead(domain);
  const cpu = requests.cpu ?? limits.cpu;
  const limited = {
    ...rest(limits),
    ...(limits.cpu === undefined ? {} : { cpu: String(limits.cpu) }),
    ...(limits.memory === undefined ? {} : { memory: formatBytes(wholeUnits(limits.memory) + own) }),
  };
  return {
    requests: {
      ...rest(requests),
      cpu: formatQuantity({
        thousandths: cpu === undefined ? vcpus(domain) * cpuPerVcpu : thousandths(cpu),
        format: "decimal",
      }),
      memory: formatBytes(wholeUnits(guest) + own),
    },
    ...(Object.keys(limited).length > 0 ? { limits: limited } : {}),
  };
}

/** Amounts of what is neither CPU nor memory, such as ephemeral storage. */
function rest(amounts: Readonly<Record<string, string | number>>): Record<string, string> {
  const others = Object.entries(amounts).filter(([name]) => name !== "cpu" && name !== "memory");
  return Object.fromEntries(others.map(([name, amount]) => [name, String(amount)]));
}
