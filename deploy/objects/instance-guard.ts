import { reservedAnnotations, reservedLabels, unsupportedAnnotations } from "../../api/contract/labels.ts";
import { group } from "../../api/group.ts";
import { kinds } from "../../api/kinds.ts";
import { list, notTheController } from "./cel.ts";
import type { Manifest } from "./object.ts";
import { policy } from "./policy.ts";

/** The only field that may change while an instance runs: the time that its guest may take to shut down. */
const changeable = "terminationGracePeriodSeconds";

/**
 * Makes the API server refuse changes that would separate an instance from its pod. These are changes of the spec, by
 * which the pod and its resources were made, and of the labels and annotations by which the programs recognise their
 * objects. It also refuses annotations for unsupported features: a definition cannot restrict metadata.
 */
export const instanceGuard: readonly Manifest[] = policy({
  name: "instance-guard",
  of: {
    group: group.name,
    version: group.version,
    operations: ["CREATE", "UPDATE"],
    resources: [kinds.VirtualMachineInstance.plural],
  },
  when: [notTheController],
  variables: [
    { name: "before", expression: "oldObject == null ? {} : oldObject.metadata.?labels.orValue({})" },
    { name: "labels", expression: "object.metadata.?labels.orValue({})" },
    { name: "annotations", expression: "object.metadata.?annotations.orValue({})" },
    {
      name: "annotationsBefore",
      expression: "oldObject == null ? {} : oldObject.metadata.?annotations.orValue({})",
    },
    {
      name: "labelsChanged",
      expression: `${list(reservedLabels)}.filter(l, variables.labels[?l] != variables.before[?l])`,
    },
    {
      name: "annotationsChanged",
      expression: `${list(reservedAnnotations)}.filter(a, variables.annotations[?a] != variables.annotationsBefore[?a])`,
    },
    {
      name: "unsupported",
      expression: `${list(unsupportedAnnotations)}.filter(a, a in variables.annotations && variables.annotations[?a] != variables.annotationsBefore[?a])`,
    },
    {
      name: "specChanged",
      expression: [
        "oldObject == null ? [] :",
        "object.spec.map(f, f).filter(f, !(f in oldObject.spec) || object.spec[f] != oldObject.spec[f])",
        "+ oldObject.spec.map(f, f).filter(f, !(f in object.spec))",
      ].join(" "),
    },
  ],
  validations: [
    {
      expression: "variables.unsupported.size() == 0",
      messageExpression: '"metadata.annotations: " + variables.unsupported.join(", ") + ": not supported"',
    },
    {
      expression: "variables.annotationsChanged.size() == 0",
      messageExpression:
        '"metadata.annotations: " + variables.annotationsChanged.join(", ") + ": reserved for the controller, which alone may set or change it"',
    },
    {
      expression: "variables.labelsChanged.size() == 0",
      messageExpression:
        '"metadata.labels: " + variables.labelsChanged.join(", ") + ": reserved for the controller, which alone may set or change it"',
    },
    {
      expression: `variables.specChanged.all(f, f == "${changeable}")`,
      messageExpression: `"spec." + variables.specChanged.filter(f, f != "${changeable}").join(", spec.") + ": an instance cannot be changed; change the VirtualMachine, or make the instance anew"`,
    },
  ],
});
