import { guestMemoryOf, requestedMemoryOf, vcpusOf } from "../../api/guest-size.ts";
import type { Domain } from "../../api/schema/domain.ts";
import { formatBytes, formatQuantity, thousandths, wholeUnits } from "../../api/values/quantity.ts";
import { totalOverhead } from "./memory-overhead.ts";

/** Thousandths of a CPU that are requested for a vCPU when nothing is said; KubeVirt's ratio of ten to one. */
const cpuPerVcpu = 100n;

/** Bytes of ephemeral storage that a machine needs beside its disks, for their tables and its logs; KubeVirt's figure. */
const ephemeralStorageOverhead = 50_000_000n;

export interface PodResources {
  requests: Record<string, string>;
  limits?: Record<string, string>;
}

/**
 * What the placeholder requests of its node: the guest's memory and the machine's own, and CPU. Memory is limited only
 * where the author asks for that, since a guest at its limit is killed. The machine's own is what all of the guest's memory
 * takes, also where less than that is requested.
 */
export function podResources(domain: Domain): PodResources {
  const { requests = {}, limits = {} } = domain.resources ?? {};
  const requested = requestedMemoryOf(domain) ?? 0;
  const own = totalOverhead(domain, wholeUnits(guestMemoryOf(domain) ?? 0));
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
        thousandths: cpu === undefined ? BigInt(vcpusOf(domain.cpu)) * cpuPerVcpu : thousandths(cpu),
        format: "decimal",
      }),
      memory: formatBytes(wholeUnits(requested) + own),
    },
    ...(Object.keys(limited).length > 0 ? { limits: limited } : {}),
  };
}

/** Amounts of what is neither CPU nor memory. Those of ephemeral storage are the guest's alone, as those of memory are. */
function rest(amounts: Readonly<Record<string, string | number>>): Record<string, string> {
  const others = Object.entries(amounts).filter(([name]) => name !== "cpu" && name !== "memory");
  return Object.fromEntries(
    others.map(([name, amount]) => [
      name,
      name === "ephemeral-storage" ? String(wholeUnits(amount) + ephemeralStorageOverhead) : String(amount),
    ]),
  );
}
