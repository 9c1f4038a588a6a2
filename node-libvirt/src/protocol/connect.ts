import type { Shape } from "../wire/shape.ts";
import { array, flags, int, opaque, optional, string, struct, uint, usize } from "../wire/shape.ts";
import { call, Program, procedures } from "./procedure.ts";
import { domain } from "./structs.ts";
import { nodeStats, params } from "./typed-params.ts";

/** `char model[32]`: a C string in 32 words. */
const model: Shape<string> = {
  size: 128,
  write: (to, value) => {
    for (let index = 0; index < 32; index++) to.int(index < 31 ? value.charCodeAt(index) || 0 : 0);
  },
  read: (from) => {
    const codes = Array.from({ length: 32 }, () => from.int() & 0xff);
    const end = codes.indexOf(0);
    return String.fromCharCode(...codes.slice(0, end < 0 ? 32 : end));
  },
};

/** Procedures about the connection and the host. */
export const connectProcedures = procedures(Program.REMOTE, {
  connectOpen: call(1, { name: optional(string), flags }),
  connectClose: call(2),
  connectGetType: call(3, {}, { type: string }),
  connectGetVersion: call(4, {}, { version: usize }),
  connectGetMaxVcpus: call(5, { type: optional(string) }, { maxVcpus: int }),
  nodeGetInfo: call(
    6,
    {},
    {
      model,
      memory: usize,
      cpus: int,
      mhz: int,
      nodes: int,
      sockets: int,
      cores: int,
      threads: int,
    },
  ),
  connectGetCapabilities: call(7, {}, { capabilities: string }),
  connectGetHostname: call(59, {}, { hostname: string }),
  connectSupportsFeature: call(60, { feature: int }, { supported: int }),
  authList: call(66, {}, { types: array(int) }),
  authPolkit: call(70, {}, { complete: int }),
  nodeGetCellsFreeMemory: call(101, { startCell: int, maxCells: int }, { cells: array(usize) }),
  nodeGetFreeMemory: call(102, {}, { freeMemory: usize }),
  connectGetLibVersion: call(157, {}, { version: usize }),
  connectCompareCpu: call(158, { xml: string, flags }, { result: int }),
  connectBaselineCpu: call(162, { xmlCPUs: array(string), flags }, { cpu: string }),
  connectGetSysinfo: call(203, { flags }, { sysinfo: string }),
  nodeGetCpuStats: call(227, { cpuNum: int, nparams: int, flags }, { stats: nodeStats, nparams: int }),
  nodeGetMemoryStats: call(228, { nparams: int, cellNum: int, flags }, { stats: nodeStats, nparams: int }),
  connectListAllDomains: call(273, { needResults: int, flags }, { domains: array(domain), count: uint }),
  nodeGetCpuMap: call(293, { needMap: int, needOnline: int, flags }, { cpumap: opaque, online: uint, count: int }),
  connectGetCpuModelNames: call(312, { arch: string, needResults: int, flags }, { models: array(string), count: int }),
  connectGetDomainCapabilities: call(
    342,
    {
      emulatorbin: optional(string),
      arch: optional(string),
      machine: optional(string),
      virttype: optional(string),
      flags,
    },
    { capabilities: string },
  ),
  connectGetAllDomainStats: call(
    344,
    { doms: array(domain), stats: uint, flags },
    { stats: array(struct({ dom: domain, params })) },
  ),
  nodeGetSevInfo: call(395, { nparams: int, flags }, { params, nparams: int }),
});
