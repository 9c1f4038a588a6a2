import { components, programs } from "../../api/contract/constants.ts";
import { labels } from "../../api/contract/labels.ts";
import { subresourceGroup } from "../../api/sub-resources.ts";
import { secretNames } from "../../controller/certificates/subjects.ts";

/** Names that the programs also use. */
export const names = {
  ...programs,
  service: "virt-api",
  group: subresourceGroup.name,
  versions: subresourceGroup.versions,
  daemonSecret: secretNames.daemon,
  priorityClass: "kubevirt-cluster-critical",
} as const;

/** The label by which other tools and the controller find the node daemons. */
export const daemonLabels = { [labels.app]: components.daemon } as const;

/** The label by which the Service finds the controllers. */
export const controllerLabels = { [labels.app]: components.controller } as const;
