import { evictionHook } from "../../api/contract/eviction-hook.ts";
import { type Manifest, partOf } from "./object.ts";

/**
 * Makes the API server call the controller when the eviction of a placeholder is requested. For a machine whose
 * strategy is External, the eviction must wait and other programs must learn of it. Other evictions do not wait:
 * without an answer of a controller, pods are evicted as usual.
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
        // The API server calls itself, and reaches us by the APIService. So we recognise it; it needs no caBundle.
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
