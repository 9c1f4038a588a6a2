import { components, httpsPorts } from "../../api/contract/constants.ts";
import { annotations } from "../../api/contract/labels.ts";
import type { Cluster } from "../cluster.ts";
import { addresses } from "../fabric.ts";

const namespace = "kubevirt";
const daemons = "virt-node-daemon-from-source";
const slice = "virt-api-from-source";

/**
 * Objects that lead requests to a controller and node daemons that are not pods. The controller is an endpoint of the
 * Service `virt-api`. The controller finds the daemons through pods with their node's address.
 */
export function standIns(): object[] {
  return [apiEndpoint(slice), daemonPods];
}

/** An endpoint of the Service `virt-api` in the control plane, where a controller from the source tree listens. */
export function apiEndpoint(name: string): object {
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name, namespace, labels: { "kubernetes.io/service-name": "virt-api" } },
    addressType: "IPv4",
    ports: [{ name: "https", port: httpsPorts.controller, protocol: "TCP" }],
    endpoints: [{ addresses: [addresses.controlPlane], conditions: { ready: true } }],
  };
}

const labels = { "kubevirt.io": components.daemon, "app.kubernetes.io/component": daemons };

const daemonPods = {
  apiVersion: "apps/v1",
  kind: "DaemonSet",
  metadata: { name: daemons, namespace },
  spec: {
    selector: { matchLabels: labels },
    template: {
      metadata: { labels, annotations: { [annotations.ownCertificate]: "true" } },
      spec: {
        hostNetwork: true,
        terminationGracePeriodSeconds: 0,
        tolerations: [{ operator: "Exists" }],
        automountServiceAccountToken: false,
        containers: [{ name: "hold", image: "localhost/hold:latest", imagePullPolicy: "Never" }],
      },
    },
  },
};

/** Removes the stand-ins, and waits until they are gone. */
export async function removeStandIns(cluster: Cluster): Promise<void> {
  const objects = [`daemonset/${daemons}`, `endpointslice/${slice}`];
  const inNamespace = `--namespace=${namespace}`;
  await cluster.kubectl(["delete", ...objects, "--ignore-not-found", "--cascade=foreground", inNamespace]);
}
