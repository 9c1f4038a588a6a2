import { expect, test } from "vitest";
import { migrationConditions } from "../../../node-daemon/status/migratable.ts";
import { anInstance } from "../an-instance.ts";

const pod = { name: "default", pod: {} };
const claim = (...accessModes: string[]) => ({
  name: "root",
  target: "vda",
  persistentVolumeClaimInfo: { claimName: "files", accessModes },
});

test.for([
  ["nothing else", {}, "NotMigratable"],
  [
    "an interface that has its pod's address",
    { spec: { networks: [pod] }, devices: { interfaces: [{ name: "default", bridge: {} }] } },
    "InterfaceNotLiveMigratable",
  ],
  [
    "one behind its pod's",
    { spec: { networks: [pod] }, devices: { interfaces: [{ name: "default", masquerade: {} }] } },
    "NotMigratable",
  ],
  [
    "a bridge to another network",
    {
      spec: { networks: [{ name: "lan", multus: { networkName: "lan" } }] },
      devices: { interfaces: [{ name: "lan", bridge: {} }] },
    },
    "NotMigratable",
  ],
  ["a claim of one node", { status: { volumeStatus: [claim("ReadWriteOnce")] } }, "DisksNotLiveMigratable"],
  ["a claim of many", { status: { volumeStatus: [claim("ReadWriteOnce", "ReadWriteMany")] } }, "NotMigratable"],
  ["a claim that is not known yet", { status: { volumeStatus: [{ name: "root", target: "" }] } }, "NotMigratable"],
] as const)("a guest with %s cannot be moved, and its reason is %s", ([, parts, reason]) => {
  expect(migrationConditions(anInstance(parts))).toEqual([
    expect.objectContaining({ type: "LiveMigratable", status: "False", reason }),
    expect.objectContaining({ type: "StorageLiveMigratable", status: "False", reason: "NotMigratable" }),
  ]);
});
