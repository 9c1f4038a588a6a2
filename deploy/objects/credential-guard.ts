import { group } from "../../api/group.ts";
import { type Manifest, partOf } from "./object.ts";

const apiVersion = "admissionregistration.k8s.io/v1";
const name = `credential-guard.${group.name}`;

/**
 * Refuses the Secret that KubeVirt's client makes for a machine's key before it requests `accessCredentials`, which are
 * not supported: it would stay unused. The policy recognises it by both its owner, a machine, and its name.
 */
export const credentialGuard: readonly Manifest[] = [
  {
    apiVersion,
    kind: "ValidatingAdmissionPolicy",
    metadata: { name, labels: partOf },
    spec: {
      // The policy only avoids useless objects; it protects nothing.
      failurePolicy: "Ignore",
      matchConstraints: {
        resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["secrets"] }],
      },
      matchConditions: [
        {
          name: "is-for-a-key",
          expression: 'object.metadata.?generateName.orValue("").endsWith("-ssh-key-")',
        },
        {
          name: "is-a-machines",
          expression: `object.metadata.?ownerReferences.orValue([]).exists(o, o.kind == "VirtualMachine" && o.apiVersion == "${group.apiVersion}" && o.?controller.orValue(false))`,
        },
      ],
      validations: [
        {
          expression: "false",
          message:
            "accessCredentials: not supported, so no guest would get this key; give it in cloud-init's data (kubectl virt create --ssh-key)",
          reason: "Forbidden",
        },
      ],
    },
  },
  {
    apiVersion,
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name, labels: partOf },
    spec: { policyName: name, validationActions: ["Deny"] },
  },
];
