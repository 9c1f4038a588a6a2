import { finalizers } from "../../api/contract/labels.ts";
import { group } from "../../api/group.ts";
import { kinds } from "../../api/kinds.ts";
import { type Manifest, partOf } from "./object.ts";

const apiVersion = "admissionregistration.k8s.io/v1";
const name = `machine-finalizer.${group.name}`;

/**
 * Has the API server give a machine its finalizer by the write that has it run, so that the controller need not write it
 * before it makes the instance. Where the policy does not act (a Kubernetes before 1.36, or a halted machine that is asked
 * to start by its status) the controller does: nothing depends on it.
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
          // One that is being deleted loses it, and may gain none.
          name: "is-not-being-deleted",
          expression: "!has(object.metadata.deletionTimestamp)",
        },
        {
          // One that never runs can be deleted without the controller.
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
