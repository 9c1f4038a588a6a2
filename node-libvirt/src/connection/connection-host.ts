import { fromCpuMap } from "../domain/cpu-map.ts";
import { connectProcedures as remote } from "../protocol/connect.ts";
import type { TypedParams } from "../protocol/typed-params.ts";
import type { CallOptions } from "../rpc/pending-calls.ts";
import type { Out } from "../wire/shape.ts";
import { ConnectionEvents } from "./connection-events.ts";

/** A query for a domain's capabilities. libvirt chooses the fields that are left out. */
export interface DomainCapabilitiesQuery {
  emulatorbin?: string;
  arch?: string;
  machine?: string;
  virttype?: string;
}

/** The machine: memory in KiB, CPUs, MHz, and their topology. */
export type NodeInfo = Out<typeof remote.nodeGetInfo.returns>;

/** Facts about the host and the hypervisor. */
export class ConnectionHost extends ConnectionEvents {
  /** The hypervisor's version, `major * 1000000 + minor * 1000 + release`. */
  async getVersion(options?: CallOptions): Promise<number> {
    return (await this.call(remote.connectGetVersion, {}, options)).version;
  }

  /** The version of libvirt at the other end, in the same form. */
  async getLibVersion(options?: CallOptions): Promise<number> {
    return (await this.call(remote.connectGetLibVersion, {}, options)).version;
  }

  /** The driver's name, such as `QEMU`. */
  async getType(options?: CallOptions): Promise<string> {
    return (await this.call(remote.connectGetType, {}, options)).type;
  }

  async getHostname(options?: CallOptions): Promise<string> {
    return (await this.call(remote.connectGetHostname, {}, options)).hostname;
  }

  /** The XML of the capabilities of the host and its hypervisor. */
  async getCapabilities(options?: CallOptions): Promise<string> {
    return (await this.call(remote.connectGetCapabilities, {}, options)).capabilities;
  }

  /** The XML of a domain's possible devices, firmware and CPU models. */
  async getDomainCapabilities(query: DomainCapabilitiesQuery = {}, flags = 0, options?: CallOptions): Promise<string> {
    return (await this.call(remote.connectGetDomainCapabilities, { ...query, flags }, options)).capabilities;
  }

  /** The XML of the host's SMBIOS. */
  async getSysinfo(options?: CallOptions): Promise<string> {
    return (await this.call(remote.connectGetSysinfo, {}, options)).sysinfo;
  }

  async getNodeInfo(options?: CallOptions): Promise<NodeInfo> {
    return this.call(remote.nodeGetInfo, {}, options);
  }

  /** The times of one CPU of the host, or of all together (-1), in nanoseconds: `kernel`, `user`, `idle`, `iowait`. */
  async getNodeCPUStats(cpuNum = -1, options?: CallOptions): Promise<Record<string, number>> {
    const { nparams } = await this.call(remote.nodeGetCpuStats, { cpuNum, nparams: 0 }, options);
    return byField((await this.call(remote.nodeGetCpuStats, { cpuNum, nparams }, options)).stats);
  }

  /** The memory of one NUMA cell, or of all together (-1), in KiB: `total`, `free`, `buffers`, `cached`. */
  async getNodeMemoryStats(cellNum = -1, options?: CallOptions): Promise<Record<string, number>> {
    const { nparams } = await this.call(remote.nodeGetMemoryStats, { cellNum, nparams: 0 }, options);
    return byField((await this.call(remote.nodeGetMemoryStats, { cellNum, nparams }, options)).stats);
  }

  /** The numbers of the host's online CPUs, and the total number of CPUs. */
  async getNodeCPUMap(options?: CallOptions): Promise<{ online: number[]; count: number }> {
    const { cpumap, count } = await this.call(remote.nodeGetCpuMap, { needMap: 1, needOnline: 1 }, options);
    return { online: fromCpuMap(cpumap), count };
  }

  /** The host's free memory in bytes. */
  async getFreeMemory(options?: CallOptions): Promise<number> {
    return (await this.call(remote.nodeGetFreeMemory, {}, options)).freeMemory;
  }

  /** The free memory of each NUMA cell in bytes. */
  async getCellsFreeMemory(startCell = 0, maxCells = 1024, options?: CallOptions): Promise<number[]> {
    return (await this.call(remote.nodeGetCellsFreeMemory, { startCell, maxCells }, options)).cells;
  }

  /** The maximum number of virtual CPUs of a domain of this type (`qemu`, `kvm`). */
  async getMaxVcpus(type?: string, options?: CallOptions): Promise<number> {
    return (await this.call(remote.connectGetMaxVcpus, { type }, options)).maxVcpus;
  }

  /** The CPU models that libvirt knows for an architecture. */
  async getCPUModelNames(arch: string, options?: CallOptions): Promise<string[]> {
    return (await this.call(remote.connectGetCpuModelNames, { arch, needResults: 1 }, options)).models;
  }

  /** How a CPU's XML compares to the host's: -1 error, 0 incompatible, 1 identical, 2 the host has more. */
  async compareCPU(xml: string, flags = 0, options?: CallOptions): Promise<number> {
    return (await this.call(remote.connectCompareCpu, { xml, flags }, options)).result;
  }

  /** The XML of a CPU that runs on all of these. */
  async baselineCPU(xmlCPUs: readonly string[], flags = 0, options?: CallOptions): Promise<string> {
    return (await this.call(remote.connectBaselineCpu, { xmlCPUs, flags }, options)).cpu;
  }

  /** The parameters that AMD SEV needs for its guests. VIR_ERR_OPERATION_UNSUPPORTED without SEV. */
  async getSEVInfo(options?: CallOptions): Promise<TypedParams> {
    const { nparams } = await this.call(remote.nodeGetSevInfo, { nparams: 0 }, options);
    return (await this.call(remote.nodeGetSevInfo, { nparams }, options)).params;
  }
}

function byField(stats: readonly { field: string; value: number }[]): Record<string, number> {
  return Object.fromEntries(stats.map(({ field, value }) => [field, value]));
}
