import { StoragePoolState, StorageVolType } from "../constants/storage-flags.ts";
import { array, flags, int, string, uint, usize } from "../wire/shape.ts";
import { uuid } from "../wire/uuid.ts";
import { named } from "./names.ts";
import { call, job, Program, procedures } from "./procedure.ts";
import { storagePool, storageVol } from "./structs.ts";

/** Procedures about storage pools and volumes. */
export const storageProcedures = procedures(Program.REMOTE, {
  storagePoolCreateXml: job(76, { xml: string, flags }, { pool: storagePool }),
  storagePoolDefineXml: call(77, { xml: string, flags }, { pool: storagePool }),
  storagePoolCreate: job(78, { pool: storagePool, flags }),
  storagePoolBuild: job(79, { pool: storagePool, flags }),
  storagePoolDestroy: job(80, { pool: storagePool }),
  storagePoolDelete: job(81, { pool: storagePool, flags }),
  storagePoolUndefine: call(82, { pool: storagePool }),
  storagePoolRefresh: job(83, { pool: storagePool, flags }),
  storagePoolLookupByName: call(84, { name: string }, { pool: storagePool }),
  storagePoolLookupByUuid: call(85, { uuid }, { pool: storagePool }),
  storagePoolGetInfo: call(
    87,
    { pool: storagePool },
    { state: named(StoragePoolState), capacity: usize, allocation: usize, available: usize },
  ),
  storagePoolGetXmlDesc: call(88, { pool: storagePool, flags }, { xml: string }),
  storagePoolGetAutostart: call(89, { pool: storagePool }, { autostart: int }),
  storagePoolSetAutostart: call(90, { pool: storagePool, autostart: int }),
  storageVolCreateXml: job(93, { pool: storagePool, xml: string, flags }, { vol: storageVol }),
  storageVolDelete: job(94, { vol: storageVol, flags }),
  storageVolLookupByName: call(95, { pool: storagePool, name: string }, { vol: storageVol }),
  storageVolLookupByPath: call(97, { path: string }, { vol: storageVol }),
  storageVolGetInfo: call(98, { vol: storageVol }, { type: named(StorageVolType), capacity: usize, allocation: usize }),
  storageVolGetXmlDesc: call(99, { vol: storageVol, flags }, { xml: string }),
  storageVolGetPath: call(100, { vol: storageVol }, { path: string }),
  storagePoolIsActive: call(154, { pool: storagePool }, { active: int }),
  storagePoolIsPersistent: call(155, { pool: storagePool }, { persistent: int }),
  storageVolWipe: job(165, { vol: storageVol, flags }),
  storageVolResize: job(260, { vol: storageVol, capacity: usize, flags }),
  connectListAllStoragePools: call(281, { needResults: int, flags }, { pools: array(storagePool), count: uint }),
  storagePoolListAllVolumes: call(
    282,
    { pool: storagePool, needResults: int, flags },
    { volumes: array(storageVol), count: uint },
  ),
});
