import { guestMemoryOf, requestedMemoryOf, vcpusOf } from "../../api/guest-size.ts";
import type { Domain } from "../../api/schema/domain.ts";
import { formatBytes, formatQuantity, thousandths, wholeUnits } from "../../api/values/quantity.ts";
import { totalOverhead } from "./memory-overhead.ts";

/** Default request of a vCPU in thousandths of a CPU; KubeVirt's ratio of ten to one. */
const cpuPerVcpu = 100n;

/** Bytes of ephemeral storage beside a machine's disks, for their tables and its logs; KubeVirt's value. */
const ephemeralStorageOverhead = 50_000_000n;

export interface PodResources {
  requests: Record<string, string>;
  limits?: Record<string, string>;
}

/**
 * The placeholder's resources: the guest's memory and the machine's overhead, and CPU. Memory has a limit only if the
 * author sets one, since the kernel kills a guest at its limit. The overhead is that of the guest's whole memory, even
 * if the request is smaller.
 */
export function podResources(domain: Domain): PodResources {
  const { requests = {}, limits = {} } = domain.resources ?? {};
  const requested = requestedMemoryOf(domain) ?? 0;
  const own = totalOverhead(domain, wholeUnits(guestMemoryOf(domain) ?? 0));
  const cpu = requests.cpu ?? limits.cpu;
  const limited = {
    ...otherResources(limits),
    ...(limits.cpu === undefined ? {} : { cpu: String(limits.cpu) }),
    ...(limits.memory === undefined ? {} : { memory: formatBytes(wholeUnits(limits.memory) + own) }),
  };
  return {
    requests: {
      ...otherResources(requests),
      cpu: formatQuantity({
        thousandths: cpu === undefined ? BigInt(vcpusOf(domain.cpu)) * cpuPerVcpu : thousandths(cpu),
        format: "decimal",
      }),
      memory: formatBytes(wholeUnits(requested) + own),
    },
    ...(Object.keys(limited).length > 0 ? { limits: limited } : {}),
  };
}

/** Amounts other than CPU and memory. To ephemeral storage it adds the overhead, as the author's amount excludes it. */
function otherResources(amounts: Readonly<Record<string, string | number>>): Record<string, string> {
  const others = Object.entries(amounts).filter(([name]) => name !== "cpu" && name !== "memory");
  return Object.fromEntries(
    others.map(([name, amount]) => [
      name,
      name === "ephemeral-storage" ? String(wholeUnits(amount) + ephemeralStorageOverhead) : String(amount),
    ]),
  );
}
