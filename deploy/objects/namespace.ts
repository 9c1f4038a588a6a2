import { names } from "./names.ts";
import { type Manifest, namespace, partOf } from "./object.ts";

/** The namespace. The node daemon is privileged; everything else in it meets the restricted standard. */
export const namespaceObjects: readonly Manifest[] = [
  {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: {
      name: namespace,
      labels: {
        ...partOf,
        "pod-security.kubernetes.io/enforce": "privileged",
        "pod-security.kubernetes.io/warn": "privileged",
        "pod-security.kubernetes.io/audit": "privileged",
      },
    },
  },
  {
    apiVersion: "scheduling.k8s.io/v1",
    kind: "PriorityClass",
    metadata: { name: names.priorityClass, labels: partOf },
    value: 1_000_000_000,
    globalDefault: false,
    description: "For what virtual machines need to go on: it does not make way for other pods.",
  },
];
