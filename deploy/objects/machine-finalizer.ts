import { finalizers } from "../../api/contract/labels.ts";
import { group } from "../../api/group.ts";
import { kinds } from "../../api/kinds.ts";
import { type Manifest, partOf } from "./object.ts";

const apiVersion = "admissionregistration.k8s.io/v1";
const name = `machine-finalizer.${group.name}`;

/**
 * Makes the API server add the finalizer in the same write that makes a machine run. Then the controller need not add
 * it before it makes the instance. Where the policy does not act, the controller adds it, so nothing depends on the
 * policy. That is the case in Kubernetes before 1.36, and for a halted machine with a start request in its status.
 */
export const machineFinalizer: readonly Manifest[] = [
  {
    apiVersion,
    kind: "MutatingAdmissionPolicy",
    metadata: { name, labels: partOf },
    spec: {
      failurePolicy: "Ignore",
      reinvocationPolicy: "Never",
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: [group.name],
            apiVersions: [group.version],
            operations: ["CREATE", "UPDATE"],
            resources: [kinds.VirtualMachine.plural],
          },
        ],
      },
      matchConditions: [
        {
          // A machine that is being deleted loses its finalizers, and must not gain one.
          name: "is-not-being-deleted",
          expression: "!has(object.metadata.deletionTimestamp)",
        },
        {
          // A machine that never runs can be deleted without the controller.
          name: "is-to-run",
          expression:
            'has(object.spec.runStrategy) ? object.spec.runStrategy != "Halted" : has(object.spec.running) && object.spec.running',
        },
      ],
      mutations: [
        {
          patchType: "ApplyConfiguration",
          applyConfiguration: {
            expression: `Object{metadata: Object.metadata{finalizers: ["${finalizers.machine}"]}}`,
          },
        },
      ],
    },
  },
  {
    apiVersion,
    kind: "MutatingAdmissionPolicyBinding",
    metadata: { name, labels: partOf },
    spec: { policyName: name },
  },
];
