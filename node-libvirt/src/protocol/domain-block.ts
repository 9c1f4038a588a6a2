import { DomainBlockJobType, DomainDiskError } from "../constants/domain-state.ts";
import { array, flags, int, optional, size, string, struct, uint, usize } from "../wire/shape.ts";
import { named } from "./names.ts";
import { call, job, Program, procedures } from "./procedure.ts";
import { domain } from "./structs.ts";
import { params, typedParams } from "./typed-params.ts";

const disk = { dom: domain, path: string };

const blockCopyParams = typedParams({ bandwidth: "ullong", granularity: "uint", "buf-size": "ullong" });

const blockIoTuneParams = typedParams({
  group_name: "string",
  total_bytes_sec: "ullong",
  read_bytes_sec: "ullong",
  write_bytes_sec: "ullong",
  total_iops_sec: "ullong",
  read_iops_sec: "ullong",
  write_iops_sec: "ullong",
  total_bytes_sec_max: "ullong",
  read_bytes_sec_max: "ullong",
  write_bytes_sec_max: "ullong",
  total_iops_sec_max: "ullong",
  read_iops_sec_max: "ullong",
  write_iops_sec_max: "ullong",
  total_bytes_sec_max_length: "ullong",
  read_bytes_sec_max_length: "ullong",
  write_bytes_sec_max_length: "ullong",
  total_iops_sec_max_length: "ullong",
  read_iops_sec_max_length: "ullong",
  write_iops_sec_max_length: "ullong",
  size_iops_sec: "ullong",
});

/** Procedures about a domain's disks and their block jobs. */
export const blockProcedures = procedures(Program.REMOTE, {
  domainBlockStats: call(64, disk, {
    rdReq: size,
    rdBytes: size,
    wrReq: size,
    wrBytes: size,
    errs: size,
  }),
  domainInterfaceStats: call(
    65,
    { dom: domain, device: string },
    {
      rxBytes: size,
      rxPackets: size,
      rxErrs: size,
      rxDrop: size,
      txBytes: size,
      txPackets: size,
      txErrs: size,
      txDrop: size,
    },
  ),
  domainGetBlockInfo: call(194, { ...disk, flags }, { allocation: usize, capacity: usize, physical: usize }),
  domainBlockJobAbort: job(237, { ...disk, flags }),
  domainGetBlockJobInfo: call(
    238,
    { ...disk, flags },
    {
      found: int,
      type: named(DomainBlockJobType),
      bandwidth: usize,
      cur: usize,
      end: usize,
    },
  ),
  domainBlockJobSetSpeed: call(239, { ...disk, bandwidth: usize, flags }),
  domainBlockPull: job(240, { ...disk, bandwidth: usize, flags }),
  domainBlockStatsFlags: call(243, { ...disk, nparams: int, flags }, { params, nparams: int }),
  domainBlockResize: job(251, { ...disk, size: usize, flags }),
  domainSetBlockIoTune: call(252, { ...disk, params: blockIoTuneParams, flags }),
  domainGetBlockIoTune: call(
    253,
    { dom: domain, path: optional(string), nparams: int, flags },
    { params, nparams: int },
  ),
  domainGetDiskErrors: call(
    263,
    { dom: domain, maxErrors: uint, flags },
    { errors: array(struct({ disk: string, error: named(DomainDiskError) })), nerrors: int },
  ),
  domainBlockRebase: job(266, { ...disk, base: optional(string), bandwidth: usize, flags }),
  domainBlockCommit: job(290, { ...disk, base: optional(string), top: optional(string), bandwidth: usize, flags }),
  domainBlockCopy: job(345, { ...disk, destxml: string, params: blockCopyParams, flags }),
  domainSetBlockThreshold: call(386, { dom: domain, dev: string, threshold: usize, flags }),
});
