import { expiryPattern } from "../../api/contract/expiry.ts";
import { annotations } from "../../api/contract/labels.ts";
import { group } from "../../api/group.ts";
import { kinds } from "../../api/kinds.ts";
import { notTheController } from "./cel.ts";
import type { Manifest } from "./object.ts";
import { policy } from "./policy.ts";

/** Makes the API server refuse expiries that the controller cannot read: the object would stay for ever. */
export const expiryGuard: readonly Manifest[] = policy({
  name: "expiry-guard",
  of: {
    group: group.name,
    version: group.version,
    operations: ["CREATE", "UPDATE"],
    resources: [kinds.VirtualMachine.plural, kinds.VirtualMachineInstance.plural],
  },
  when: [notTheController],
  variables: [
    { name: "expiry", expression: `object.metadata.?annotations[?"${annotations.expireAfter}"].orValue("1s")` },
  ],
  validations: [
    {
      expression: `variables.expiry != "" && variables.expiry.matches("${expiryPattern}")`,
      messageExpression: `'metadata.annotations: ${annotations.expireAfter}: "' + variables.expiry + '" is no duration such as 90s or 1h30m'`,
    },
  ],
});
