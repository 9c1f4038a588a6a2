import { daemonTlsFolder, httpsPorts, stateFolder } from "../../api/contract/constants.ts";
import { annotations } from "../../api/contract/labels.ts";
import { daemonLabels, names } from "./names.ts";
import { images, type Manifest, namespace, partOf } from "./object.ts";

const probe = (path: string, more: object): object => ({
  httpGet: { scheme: "HTTPS", port: "https", path },
  timeoutSeconds: 5,
  ...more,
});

interface Mount {
  name: string;
  path: string;
  type: "Directory" | "DirectoryOrCreate";
  /** What the node mounts below it later is seen too. */
  follows?: boolean;
}

/** What of the node the daemon works with, at the same paths as there. */
const mounts: readonly Mount[] = [
  // A node without libvirt has a daemon too, which says so: it is upgraded like others, and sees a libvirt that comes.
  { name: "libvirt", path: "/run/libvirt", type: "DirectoryOrCreate", follows: true },
  { name: "state", path: stateFolder, type: "DirectoryOrCreate", follows: true },
  { name: "cgroup", path: "/sys/fs/cgroup", type: "Directory", follows: true },
];

/** The daemon of each node. It restarts as it likes: guests are libvirt's, and go on without it. */
export const nodeDaemon: readonly Manifest[] = [
  {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name: names.daemon, namespace, labels: { ...partOf, ...daemonLabels } },
    spec: {
      selector: { matchLabels: daemonLabels },
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "10%" } },
      template: {
        metadata: {
          labels: { ...partOf, ...daemonLabels },
          annotations: {
            [annotations.ownCertificate]: "true",
            "prometheus.io/scrape": "true",
            "prometheus.io/scheme": "https",
            "prometheus.io/port": String(httpsPorts.daemon),
          },
        },
        spec: {
          serviceAccountName: names.daemon,
          priorityClassName: names.priorityClass,
          hostPID: true,
          nodeSelector: { "kubernetes.io/os": "linux" },
          // Guests that run on a node are looked after whatever is said of the node.
          tolerations: [{ operator: "Exists" }],
          terminationGracePeriodSeconds: 15,
          containers: [
            {
              name: names.daemon,
              image: images.daemon,
              imagePullPolicy: "IfNotPresent",
              env: [
                { name: "NODE_NAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
                { name: "NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } },
                { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
              ],
              ports: [{ name: "https", containerPort: httpsPorts.daemon, protocol: "TCP" }],
              startupProbe: probe("/healthz", { periodSeconds: 1, failureThreshold: 60 }),
              livenessProbe: probe("/healthz", { periodSeconds: 20, failureThreshold: 3 }),
              readinessProbe: probe("/readyz", { periodSeconds: 5, failureThreshold: 2 }),
              // Guests are not to take from it what their own starts need.
              resources: { requests: { cpu: "100m", memory: "90Mi" }, limits: { memory: "768Mi" } },
              securityContext: { privileged: true, runAsUser: 0 },
              volumeMounts: [
                ...mounts.map(({ name, path, follows }) => ({
                  name,
                  mountPath: path,
                  ...(follows ? { mountPropagation: "HostToContainer" } : {}),
                })),
                { name: "tls", mountPath: daemonTlsFolder, readOnly: true },
              ],
            },
          ],
          volumes: [
            ...mounts.map(({ name, path, type }) => ({ name, hostPath: { path, type } })),
            // The controller makes it; the pod waits for it. Whom to trust, and the certificate of the release before.
            { name: "tls", secret: { secretName: names.daemonSecret, defaultMode: 0o400 } },
          ],
        },
      },
    },
  },
];
