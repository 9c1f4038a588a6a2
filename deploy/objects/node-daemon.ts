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
  /** Whether later mounts of the node below it are visible too. */
  follows?: boolean;
}

/** The folders of the node that the daemon uses, at the same paths as on the node. */
const mounts: readonly Mount[] = [
  // A node without libvirt has a daemon too, which reports that, gets upgrades, and notices when libvirt appears.
  { name: "libvirt", path: "/run/libvirt", type: "DirectoryOrCreate", follows: true },
  { name: "state", path: stateFolder, type: "DirectoryOrCreate", follows: true },
  { name: "cgroup", path: "/sys/fs/cgroup", type: "Directory", follows: true },
];

/** The daemon of each node. It may restart at any time: libvirt runs the guests, and they continue without it. */
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
          // The daemon manages a node's running guests whatever taints the node has.
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
              // A request, so that guests cannot take memory and CPU that the daemon needs for their own starts.
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
            // The controller makes it, the pod waits for it: the trusted authorities, and the previous release's
            // certificate.
            { name: "tls", secret: { secretName: names.daemonSecret, defaultMode: 0o400 } },
          ],
        },
      },
    },
  },
];
