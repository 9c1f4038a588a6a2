import { group } from "../../api/group.ts";
import { kinds } from "../../api/kinds.ts";
import { celIsOpenStackNetwork, notOpenStack } from "../../api/openstack-network.ts";
import { accountOf } from "./cel.ts";
import { names } from "./names.ts";
import { type Manifest, partOf } from "./object.ts";

const apiVersion = "admissionregistration.k8s.io/v1";
const name = `cloud-init-advice.${group.name}`;

/**
 * Makes the API server warn authors of machines about cloud-init data that the guest would not use. It sees only plain
 * text in the spec; for encoded data and Secrets, the daemon records an event.
 */
export const cloudInitAdvice: readonly Manifest[] = [
  {
    apiVersion,
    kind: "ValidatingAdmissionPolicy",
    metadata: { name, labels: partOf },
    spec: {
      // A warning must not block a request.
      failurePolicy: "Ignore",
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: [group.name],
            apiVersions: [group.version],
            operations: ["CREATE", "UPDATE"],
            resources: [kinds.VirtualMachine.plural, kinds.VirtualMachineInstance.plural],
          },
        ],
      },
      matchConditions: [
        { name: "is-not-ours", expression: `request.userInfo.username != "${accountOf(names.controller)}"` },
      ],
      variables: [
        {
          name: "volumes",
          expression:
            'object.kind == "VirtualMachine" ? object.spec.template.spec.?volumes.orValue([]) : object.spec.?volumes.orValue([])',
        },
        {
          name: "unread",
          expression: `variables.volumes.filter(v, has(v.cloudInitConfigDrive) && has(v.cloudInitConfigDrive.networkData) && !${celIsOpenStackNetwork("v.cloudInitConfigDrive.networkData")})`,
        },
        {
          name: "hasBoth",
          expression:
            "variables.volumes.exists(v, has(v.cloudInitNoCloud)) && variables.volumes.exists(v, has(v.cloudInitConfigDrive))",
        },
        { name: "spec", expression: 'object.kind == "VirtualMachine" ? "spec.template.spec" : "spec"' },
      ],
      validations: [
        {
          expression: "variables.unread.size() == 0",
          messageExpression: `variables.spec + ".volumes: volume \\"" + variables.unread[0].name + "\\": cloudInitConfigDrive.networkData: ${notOpenStack}"`,
        },
        {
          // Observed with cloud-init 22.4 and 25.1 on Debian, whose ds-identify has its own order.
          expression: "!variables.hasBoth",
          messageExpression: `variables.spec + ".volumes: cloudInitNoCloud beside cloudInitConfigDrive: cloud-init reads one of the two, and on Debian that is the ConfigDrive"`,
        },
      ],
    },
  },
  {
    apiVersion,
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name, labels: partOf },
    spec: { policyName: name, validationActions: ["Warn"] },
  },
];
