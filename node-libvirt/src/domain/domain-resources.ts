import { DomainMemoryFlags, DomainVcpuFlags } from "../constants/domain-flags.ts";
import { DomainMemoryStatTag } from "../constants/domain-state.ts";
import { connectProcedures } from "../protocol/connect.ts";
import { domainProcedures as remote } from "../protocol/domain.ts";
import { blockProcedures } from "../protocol/domain-block.ts";
import { type Name, nameOf } from "../protocol/names.ts";
import type { TypedParams } from "../protocol/typed-params.ts";
import type { CallOptions } from "../rpc/pending-calls.ts";
import type { Out } from "../wire/shape.ts";
import { fromCpuMap, toCpuMap } from "./cpu-map.ts";
import { DomainDevices } from "./domain-devices.ts";

/** A virtual CPU: the host's CPU that it runs on (-1 for none), its allowed CPUs, and its CPU time in nanoseconds. */
export interface Vcpu extends Omit<VcpuInfo, "cpuTime"> {
  cpuTime: bigint;
  affinity: number[];
}
type VcpuInfo = Out<typeof remote.domainGetVcpus.returns>["info"][number];

/** A domain's CPUs and memory. */
export class DomainResources extends DomainDevices {
  /** Sets the number of virtual CPUs; see {@link DomainVcpuFlags}. */
  async setVcpus(count: number, flags = 0, options?: CallOptions): Promise<void> {
    await this.connection.call(remote.domainSetVcpusFlags, { dom: this.ref, nvcpus: count, flags }, options);
  }

  /** The number of virtual CPUs; see {@link DomainVcpuFlags}. */
  async getVcpusFlags(flags = 0, options?: CallOptions): Promise<number> {
    return (await this.connection.call(remote.domainGetVcpusFlags, { dom: this.ref, flags }, options)).num;
  }

  /** Switches individual virtual CPUs on or off. */
  async setVcpu(vcpus: Iterable<number>, enabled: boolean, flags = 0, options?: CallOptions): Promise<void> {
    const args = { dom: this.ref, cpumap: [...vcpus].join(","), state: enabled ? 1 : 0, flags };
    await this.connection.call(remote.domainSetVcpu, args, options);
  }

  /** The host's CPU of each virtual CPU of the running domain. */
  async getVcpus(options?: CallOptions): Promise<Vcpu[]> {
    const { nrVirtCpu: maxinfo } = await this.connection.call(remote.domainGetInfo, { dom: this.ref }, options);
    const maplen = await this.#cpuMapLength(options);
    const args = { dom: this.ref, maxinfo, maplen };
    const { info, cpumaps } = await this.connection.call(remote.domainGetVcpus, args, options);
    return info.map((vcpu, at) => ({
      ...vcpu,
      affinity: fromCpuMap(cpumaps.subarray(at * maplen, (at + 1) * maplen)),
    }));
  }

  /** Restricts a virtual CPU to these CPUs of the host; `flags` are {@link DomainModificationImpact}. */
  async pinVcpu(vcpu: number, cpus: Iterable<number>, flags = 0, options?: CallOptions): Promise<void> {
    const args = { dom: this.ref, vcpu, cpumap: toCpuMap(cpus), flags };
    await this.connection.call(remote.domainPinVcpuFlags, args, options);
  }

  /** For each virtual CPU, the CPUs of the host that it may run on. */
  async getVcpuPinInfo(flags = 0, options?: CallOptions): Promise<number[][]> {
    const maplen = await this.#cpuMapLength(options);
    // The maximum also works for a domain that is off.
    const ncpumaps = await this.getVcpusFlags((flags & DomainVcpuFlags.CONFIG) | DomainVcpuFlags.MAXIMUM, options);
    const args = { dom: this.ref, ncpumaps, maplen, flags };
    const { cpumaps, num } = await this.connection.call(remote.domainGetVcpuPinInfo, args, options);
    return Array.from({ length: num }, (_, at) => fromCpuMap(cpumaps.subarray(at * maplen, (at + 1) * maplen)));
  }

  /** Restricts QEMU's other threads to these CPUs of the host. */
  async pinEmulator(cpus: Iterable<number>, flags = 0, options?: CallOptions): Promise<void> {
    await this.connection.call(remote.domainPinEmulator, { dom: this.ref, cpumap: toCpuMap(cpus), flags }, options);
  }

  async getEmulatorPinInfo(flags = 0, options?: CallOptions): Promise<number[]> {
    const maplen = await this.#cpuMapLength(options);
    const { cpumaps } = await this.connection.call(
      remote.domainGetEmulatorPinInfo,
      { dom: this.ref, maplen, flags },
      options,
    );
    return fromCpuMap(cpumaps);
  }

  /** The CPU time of all virtual CPUs together, in nanoseconds: `cpu_time`, `user_time`, `system_time`. */
  async getCPUStats(options?: CallOptions): Promise<TypedParams> {
    const args = { dom: this.ref, startCpu: -1, ncpus: 1 };
    const { nparams } = await this.connection.call(remote.domainGetCpuStats, { ...args, nparams: 0 }, options);
    return (await this.connection.call(remote.domainGetCpuStats, { ...args, nparams }, options)).params;
  }

  /**
   * Sets the memory size in KiB; see {@link DomainMemoryModFlags}. A running guest gives memory back by its balloon.
   */
  async setMemory(memory: number | bigint, flags = 0, options?: CallOptions): Promise<void> {
    await this.connection.call(remote.domainSetMemoryFlags, { dom: this.ref, memory, flags }, options);
  }

  /** The maximum memory of the domain in KiB. */
  async getMaxMemory(options?: CallOptions): Promise<number> {
    return (await this.connection.call(remote.domainGetMaxMemory, { dom: this.ref }, options)).memory;
  }

  /** The balloon's data about the guest's memory, in KiB; faults are counts, LAST_UPDATE is seconds since 1970. */
  async memoryStats(options?: CallOptions): Promise<Partial<Record<Name<typeof DomainMemoryStatTag>, number>>> {
    const args = { dom: this.ref, maxStats: 64 };
    const { stats } = await this.connection.call(remote.domainMemoryStats, args, options);
    return Object.fromEntries(stats.map(({ tag, value }) => [nameOf(DomainMemoryStatTag, tag), value]));
  }

  /** Sets how often, in seconds, the guest reports on its memory; 0 for never. */
  async setMemoryStatsPeriod(seconds: number, flags = 0, options?: CallOptions): Promise<void> {
    await this.connection.call(remote.domainSetMemoryStatsPeriod, { dom: this.ref, period: seconds, flags }, options);
  }

  /** Reads the guest's memory, at most 1 MiB, by physical addresses unless {@link DomainMemoryFlags} says otherwise. */
  async memoryPeek(
    offset: number | bigint,
    size: number,
    flags: number = DomainMemoryFlags.PHYSICAL,
    options?: CallOptions,
  ): Promise<Buffer> {
    return (await this.connection.call(remote.domainMemoryPeek, { dom: this.ref, offset, size, flags }, options))
      .buffer;
  }

  /** The traffic of an interface, by its target device. */
  async interfaceStats(
    device: string,
    options?: CallOptions,
  ): Promise<Out<typeof blockProcedures.domainInterfaceStats.returns>> {
    return this.connection.call(blockProcedures.domainInterfaceStats, { dom: this.ref, device }, options);
  }

  /** The number of bytes of a bit map of the host's CPUs. */
  async #cpuMapLength(options?: CallOptions): Promise<number> {
    const { count } = await this.connection.call(
      connectProcedures.nodeGetCpuMap,
      { needMap: 0, needOnline: 0 },
      options,
    );
    return Math.ceil(count / 8);
  }
}
