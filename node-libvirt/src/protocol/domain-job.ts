import { DomainJobType } from "../constants/domain-state.ts";
import { flags, int, opaque, optional, string, usize } from "../wire/shape.ts";
import { named } from "./names.ts";
import { call, job, Program, procedures } from "./procedure.ts";
import { domain } from "./structs.ts";
import { params, typedParams } from "./typed-params.ts";

const migrateParams = typedParams({
  migrate_uri: "string",
  destination_name: "string",
  destination_xml: "string",
  persistent_xml: "string",
  bandwidth: "ullong",
  "bandwidth.postcopy": "ullong",
  graphics_uri: "string",
  listen_address: "string",
  migrate_disks: "string[]",
  disks_port: "int",
  disks_uri: "string",
  compression: "string[]",
  "compression.mt.level": "int",
  "compression.mt.threads": "int",
  "compression.mt.dthreads": "int",
  "compression.xbzrle.cache": "ullong",
  "compression.zlib.level": "int",
  "compression.zstd.level": "int",
  "auto_converge.initial": "int",
  "auto_converge.increment": "int",
  "parallel.connections": "int",
  "tls.destination": "string",
});

/** Procedures about migration and the job of a domain, which can have only one at a time. */
export const jobProcedures = procedures(Program.REMOTE, {
  domainGetJobInfo: call(
    163,
    { dom: domain },
    {
      type: named(DomainJobType),
      timeElapsed: usize,
      timeRemaining: usize,
      dataTotal: usize,
      dataProcessed: usize,
      dataRemaining: usize,
      memTotal: usize,
      memProcessed: usize,
      memRemaining: usize,
      fileTotal: usize,
      fileProcessed: usize,
      fileRemaining: usize,
    },
  ),
  domainAbortJob: call(164, { dom: domain }),
  domainMigrateSetMaxDowntime: call(166, { dom: domain, downtime: usize, flags }),
  domainMigrateSetMaxSpeed: call(207, { dom: domain, bandwidth: usize, flags }),
  domainMigrateGetMaxSpeed: call(242, { dom: domain, flags }, { bandwidth: usize }),
  domainGetJobStats: call(298, { dom: domain, flags }, { type: named(DomainJobType), params }),
  domainMigratePerform3Params: job(
    305,
    { dom: domain, dconnuri: optional(string), params: migrateParams, cookieIn: opaque, flags },
    { cookieOut: opaque },
  ),
  domainMigrateStartPostCopy: call(364, { dom: domain, flags }),
  domainMigrateGetMaxDowntime: call(387, { dom: domain, flags }, { downtime: usize }),
  domainStartDirtyRateCalc: call(427, { dom: domain, seconds: int, flags }),
  domainAbortJobFlags: call(442, { dom: domain, flags }),
});
