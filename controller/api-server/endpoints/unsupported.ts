import type { SubjectResource } from "../route.ts";

/** Sub-resources of KubeVirt's that are not made here, so that they are refused by name. */
export const unsupported: Readonly<Record<SubjectResource, readonly string[]>> = {
  virtualmachines: [
    "addvolume",
    "evacuate",
    "memorydump",
    "migrate",
    "objectgraph",
    "removememorydump",
    "removevolume",
  ],
  virtualmachineinstances: [
    "addvolume",
    "backup",
    "evacuate",
    "filesystemlist",
    "guestosinfo",
    "objectgraph",
    "redefine-checkpoint",
    "removevolume",
    "sev",
    "usbredir",
    "userlist",
    "vsock",
  ],
};
