import type { DomainStatistics } from "../../drivers/hypervisor.ts";

type Params = Readonly<Record<string, unknown>>;

/**
 * libvirt's statistics of a domain (virConnectGetAllDomainStats), in whole units. A value that libvirt does not know
 * counts as 0. libvirt has no statistics of network cards, because their tap devices are not on the node.
 */
export function domainStatistics(domain: string, params: Params): DomainStatistics {
  const number = (name: string): number => {
    const value = params[name];
    return typeof value === "bigint" || typeof value === "number" ? Number(value) : 0;
  };
  const nanoseconds = (name: string): number => number(name) / 1e9;
  return {
    domain,
    cpu: { total: nanoseconds("cpu.time"), user: nanoseconds("cpu.user"), system: nanoseconds("cpu.system") },
    residentBytes: number("balloon.rss") * 1024,
    disks: indexes(number("block.count")).map((index) => ({
      target: text(params[`block.${index}.name`]),
      readBytes: number(`block.${index}.rd.bytes`),
      writtenBytes: number(`block.${index}.wr.bytes`),
      reads: number(`block.${index}.rd.reqs`),
      writes: number(`block.${index}.wr.reqs`),
    })),
  };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function indexes(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
