import { controllerLabels, names } from "./names.ts";
import { type Manifest, namespace, partOf } from "./object.ts";

const apiService = (version: string, index: number): Manifest => ({
  apiVersion: "apiregistration.k8s.io/v1",
  kind: "APIService",
  metadata: { name: `${version}.${names.group}`, labels: partOf },
  spec: {
    group: names.group,
    version,
    groupPriorityMinimum: 1000,
    // The API server prefers the first version.
    versionPriority: 20 - index,
    // No caBundle: the controller adds it, and applying this again keeps it.
    service: { name: names.service, namespace, port: 443 },
  },
});

/** The Service and APIServices through which the API server reaches the controllers. */
export const aggregatedApi: readonly Manifest[] = [
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: names.service, namespace, labels: partOf },
    spec: {
      selector: controllerLabels,
      ports: [{ name: "https", port: 443, targetPort: "https", protocol: "TCP" }],
    },
  },
  ...names.versions.map(apiService),
];
