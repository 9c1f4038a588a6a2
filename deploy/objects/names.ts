import { subresourceGroup } from "../../api/sub-resources.ts";
import { secretNames } from "../../controller/certificates/subjects.ts";

/** Names that the programs know too. */
export const names = {
  controller: "virt-controller",
  daemon: "virt-node-daemon",
  service: "virt-api",
  group: subresourceGroup.name,
  versions: subresourceGroup.versions,
  daemonSecret: secretNames.daemon,
  priorityClass: "kubevirt-cluster-critical",
} as const;

/** The label by which tools and the controller find the node daemons. */
export const daemonLabels = { "kubevirt.io": "virt-handler" } as const;

/** The label by which the Service finds the controllers. */
export const controllerLabels = { "kubevirt.io": "virt-controller" } as const;

/** Ports of the programs. */
export const ports = { controller: 8443, daemon: 8187 } as const;
