import { array, flags, int, optional, string } from "../wire/shape.ts";
import { call, job, Program, procedures } from "./procedure.ts";
import { checkpoint, domain, snapshot } from "./structs.ts";

const listOf = { needResults: int, flags };

/** Procedures about snapshots, checkpoints and backups. */
export const snapshotProcedures = procedures(Program.REMOTE, {
  domainSnapshotCreateXml: job(185, { dom: domain, xml: string, flags }, { snap: snapshot }),
  domainSnapshotGetXmlDesc: call(186, { snap: snapshot, flags }, { xml: string }),
  domainSnapshotLookupByName: call(189, { dom: domain, name: string, flags }, { snap: snapshot }),
  domainHasCurrentSnapshot: call(190, { dom: domain, flags }, { result: int }),
  domainSnapshotCurrent: call(191, { dom: domain, flags }, { snap: snapshot }),
  domainRevertToSnapshot: job(192, { snap: snapshot, flags }),
  domainSnapshotDelete: job(193, { snap: snapshot, flags }),
  domainSnapshotGetParent: call(244, { snap: snapshot, flags }, { snap: snapshot }),
  domainSnapshotIsCurrent: call(271, { snap: snapshot, flags }, { current: int }),
  domainSnapshotHasMetadata: call(272, { snap: snapshot, flags }, { metadata: int }),
  domainListAllSnapshots: call(274, { dom: domain, ...listOf }, { snapshots: array(snapshot), count: int }),
  domainSnapshotListAllChildren: call(275, { snap: snapshot, ...listOf }, { snapshots: array(snapshot), count: int }),
  domainCheckpointCreateXml: job(411, { dom: domain, xml: string, flags }, { checkpoint }),
  domainCheckpointGetXmlDesc: job(412, { checkpoint, flags }, { xml: string }),
  domainListAllCheckpoints: call(413, { dom: domain, ...listOf }, { checkpoints: array(checkpoint), count: int }),
  domainCheckpointListAllChildren: call(414, { checkpoint, ...listOf }, { checkpoints: array(checkpoint), count: int }),
  domainCheckpointLookupByName: call(415, { dom: domain, name: string, flags }, { checkpoint }),
  domainCheckpointGetParent: call(416, { checkpoint, flags }, { checkpoint }),
  domainCheckpointDelete: job(417, { checkpoint, flags }),
  domainBackupBegin: job(421, { dom: domain, backupXml: string, checkpointXml: optional(string), flags }),
  domainBackupGetXmlDesc: call(422, { dom: domain, flags }, { xml: string }),
});
