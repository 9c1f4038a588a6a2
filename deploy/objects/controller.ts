import { httpsPorts } from "../../api/contract/constants.ts";
import { controllerLabels, names } from "./names.ts";
import { images, type Manifest, namespace, partOf } from "./object.ts";

const probe = (path: string, more: object): object => ({
  httpGet: { scheme: "HTTPS", port: "https", path },
  timeoutSeconds: 5,
  ...more,
});

/** The controller. One replica leads and reconciles; each serves the aggregated API. */
export const controller: readonly Manifest[] = [
  {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: names.controller, namespace, labels: { ...partOf, ...controllerLabels } },
    spec: {
      replicas: 1,
      selector: { matchLabels: controllerLabels },
      // The new pod serves before the old one ends.
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: {
        metadata: {
          labels: { ...partOf, ...controllerLabels },
          annotations: {
            "prometheus.io/scrape": "true",
            "prometheus.io/scheme": "https",
            "prometheus.io/port": String(httpsPorts.controller),
          },
        },
        spec: {
          serviceAccountName: names.controller,
          priorityClassName: names.priorityClass,
          nodeSelector: { "kubernetes.io/os": "linux" },
          tolerations: [{ key: "CriticalAddonsOnly", operator: "Exists" }],
          securityContext: { runAsNonRoot: true, runAsUser: 65_532, seccompProfile: { type: "RuntimeDefault" } },
          containers: [
            {
              name: names.controller,
              image: images.controller,
              imagePullPolicy: "IfNotPresent",
              env: [
                { name: "NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } },
                { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
                { name: "HOLD_IMAGE", value: images.hold },
              ],
              ports: [{ name: "https", containerPort: httpsPorts.controller, protocol: "TCP" }],
              startupProbe: probe("/healthz", { periodSeconds: 1, failureThreshold: 60 }),
              livenessProbe: probe("/healthz", { periodSeconds: 20, failureThreshold: 3 }),
              readinessProbe: probe("/readyz", { periodSeconds: 5, failureThreshold: 2 }),
              resources: { requests: { cpu: "50m", memory: "110Mi" }, limits: { memory: "640Mi" } },
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ["ALL"] },
              },
            },
          ],
        },
      },
    },
  },
];
