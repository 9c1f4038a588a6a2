import { SecretUsageType } from "../constants/storage-flags.ts";
import { array, flags, int, opaque, string, uint } from "../wire/shape.ts";
import { uuid } from "../wire/uuid.ts";
import { named } from "./names.ts";
import { call, Program, procedures } from "./procedure.ts";
import { secret } from "./structs.ts";

/** Procedures about secrets: passphrases of encrypted disks, keys of Ceph. */
export const secretProcedures = procedures(Program.REMOTE, {
  secretLookupByUuid: call(141, { uuid }, { secret }),
  secretDefineXml: call(142, { xml: string, flags }, { secret }),
  secretGetXmlDesc: call(143, { secret, flags }, { xml: string }),
  secretSetValue: call(144, { secret, value: opaque, flags }),
  secretGetValue: call(145, { secret, flags }, { value: opaque }),
  secretUndefine: call(146, { secret }),
  secretLookupByUsage: call(147, { usageType: named(SecretUsageType), usageID: string }, { secret }),
  connectListAllSecrets: call(287, { needResults: int, flags }, { secrets: array(secret), count: uint }),
});
