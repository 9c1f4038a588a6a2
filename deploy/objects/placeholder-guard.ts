import { labels, placeholderApp } from "../../api/contract/labels.ts";
import { group } from "../../api/group.ts";
import { instances } from "../../api/resources.ts";
import { list, notTheController } from "./cel.ts";
import type { Manifest } from "./object.ts";
import { policy } from "./policy.ts";

/** Labels by which our programs and users' Services find placeholders. */
const ownLabels = [labels.app, labels.createdBy, labels.machineName, labels.instanceId];

/** The parts that a running pod can gain; no other fields of its spec could change anyhow. */
const content = ["containers", "initContainers", "ephemeralContainers"];

/** The accounts that remove the owner references when an instance is deleted with `--cascade=orphan`. */
const garbageCollectors = [
  "system:serviceaccount:kube-system:generic-garbage-collector",
  "system:kube-controller-manager",
];

/** A CEL expression: whether a pod claims to be a placeholder, or to be owned by an instance. */
function claims(pod: string): string {
  return [
    `${pod}.metadata.?labels[?"${labels.app}"].orValue("") == "${placeholderApp}"`,
    `${pod}.metadata.?ownerReferences.orValue([]).exists(o, o.kind == "${instances.kind}" && o.apiVersion.startsWith("${group.name}/"))`,
  ].join(" || ");
}

/** A CEL expression: whether a field of the spec is unchanged. */
const isKept = (field: string): string => `object.spec.?${field} == oldObject.spec.?${field}`;

/**
 * Makes the API server refuse others' pods that claim to be an instance's placeholder, and changes of placeholders. The
 * programs rely on a placeholder being made, counted and checked as the controller requested it.
 */
export const placeholderGuard: readonly Manifest[] = policy({
  name: "placeholder-guard",
  of: {
    group: "",
    version: "v1",
    operations: ["CREATE", "UPDATE"],
    resources: ["pods", "pods/ephemeralcontainers", "pods/resize"],
  },
  when: [
    notTheController,
    { name: "claims-or-claimed", expression: `${claims("object")} || oldObject != null && (${claims("oldObject")})` },
  ],
  variables: [
    {
      name: "labelsChanged",
      expression: `${list(ownLabels)}.filter(l, object.metadata.?labels[?l] != oldObject.metadata.?labels[?l])`,
    },
  ],
  validations: [
    {
      expression: "oldObject != null",
      message: `the label ${labels.app}=${placeholderApp} and owner references to instances are for pods that the controller makes`,
    },
    {
      expression: `oldObject == null || ${content.map(isKept).join(" && ")}`,
      message: "spec: the containers of an instance's placeholder pod cannot be changed",
    },
    {
      expression: "oldObject == null || variables.labelsChanged.size() == 0",
      messageExpression:
        '"metadata.labels: " + variables.labelsChanged.join(", ") + ": reserved for the controller, which alone may set or change it"',
    },
    {
      expression: [
        "oldObject == null || object.metadata.?ownerReferences == oldObject.metadata.?ownerReferences",
        `|| request.userInfo.username in ${list(garbageCollectors)}`,
        "&& object.metadata.?ownerReferences.orValue([]).all(o, o in oldObject.metadata.?ownerReferences.orValue([]))",
      ].join(" "),
      message: "metadata.ownerReferences: those of an instance's placeholder pod cannot be changed",
    },
  ],
});
