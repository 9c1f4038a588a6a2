import { celWhyWithheld } from "../../api/contract/withheld-annotations.ts";
import { group } from "../../api/group.ts";
import { kinds } from "../../api/kinds.ts";
import { notTheController } from "./cel.ts";
import type { Manifest } from "./object.ts";
import { policy } from "./policy.ts";

/** The annotations of an instance, or of the instance template in a machine. */
const ofInstance = (object: string): string =>
  [
    `${object}.kind == "VirtualMachine"`,
    `? ${object}.spec.template.?metadata.?annotations.orValue({})`,
    `: ${object}.metadata.?annotations.orValue({})`,
  ].join(" ");

/** Makes the API server refuse annotations of instances that their pods must not get. Existing ones may stay. */
export const annotationGuard: readonly Manifest[] = policy({
  name: "annotation-guard",
  of: {
    group: group.name,
    version: group.version,
    operations: ["CREATE", "UPDATE"],
    resources: [kinds.VirtualMachine.plural, kinds.VirtualMachineInstance.plural],
  },
  // The controller makes instances of machines that may be older than this policy, and reports omitted annotations.
  when: [notTheController],
  variables: [
    { name: "annotations", expression: ofInstance("object") },
    { name: "before", expression: `oldObject == null ? {} : ${ofInstance("oldObject")}` },
    {
      name: "withheld",
      expression: `variables.annotations.map(name, name).filter(name, ${celWhyWithheld("name")} != "" && variables.annotations[name] != variables.before[?name].orValue(""))`,
    },
    {
      name: "field",
      expression: '(object.kind == "VirtualMachine" ? "spec.template." : "") + "metadata.annotations: "',
    },
  ],
  validations: [
    {
      expression: "variables.withheld.size() == 0",
      messageExpression: `variables.field + variables.withheld[0] + ": " + [variables.withheld[0]].map(name, ${celWhyWithheld("name")})[0]`,
      reason: "Forbidden",
    },
  ],
});
