import { evictionHook } from "../../api/contract/eviction-hook.ts";
import { type Manifest, partOf } from "./object.ts";

/**
 * Has the API server tell the controller when the eviction of a placeholder is asked for: of a machine whose strategy is
 * External that is to be known to others, and the eviction is to wait. Nobody else is kept waiting: where no controller
 * answers, pods are evicted as any others.
 */
export const evictions: readonly Manifest[] = [
  {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingWebhookConfiguration",
    metadata: { name: evictionHook.name, labels: partOf },
    webhooks: [
      {
        name: evictionHook.name,
        admissionReviewVersions: ["v1"],
        failurePolicy: "Ignore",
        sideEffects: "NoneOnDryRun",
        timeoutSeconds: 5,
        // The API server asks itself, which knows us by the APIService: so it is known to us, and needs no caBundle.
        clientConfig: { service: { name: "kubernetes", namespace: "default", port: 443, path: evictionHook.path } },
        rules: [
          {
            apiGroups: [""],
            apiVersions: ["v1"],
            operations: ["CREATE"],
            resources: ["pods/eviction"],
            scope: "Namespaced",
          },
        ],
        matchConditions: [{ name: "is-a-placeholder", expression: 'request.name.startsWith("virt-launcher-")' }],
      },
    ],
  },
];
