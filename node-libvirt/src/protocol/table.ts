import { connectProcedures } from "./connect.ts";
import { domainProcedures } from "./domain.ts";
import { blockProcedures } from "./domain-block.ts";
import { guestProcedures } from "./domain-guest.ts";
import { jobProcedures } from "./domain-job.ts";
import { snapshotProcedures } from "./domain-snapshot.ts";
import { eventProcedures } from "./event.ts";
import { qemuProcedures } from "./qemu.ts";
import { secretProcedures } from "./secret.ts";
import { storageProcedures } from "./storage.ts";
import { streamProcedures } from "./stream.ts";

/**
 * All procedures of this package, by their names in libvirt's protocol (`REMOTE_PROC_DOMAIN_GET_INFO` is
 * `domainGetInfo`). `connection.call(procedure, args)` calls any of them.
 */
export const procedureTable = {
  ...connectProcedures,
  ...domainProcedures,
  ...blockProcedures,
  ...guestProcedures,
  ...jobProcedures,
  ...snapshotProcedures,
  ...eventProcedures,
  ...qemuProcedures,
  ...secretProcedures,
  ...storageProcedures,
  ...streamProcedures,
} as const;
