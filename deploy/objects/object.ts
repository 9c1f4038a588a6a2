/** A Kubernetes object in the form of a manifest. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  [field: string]: unknown;
}

/** The namespace of the add-on, which virtctl and other tools expect. */
export const namespace = "kubevirt";

export { partOf } from "../../api/contract/labels.ts";

/** The images, by program. An installation renames them in `kustomization.yaml`. */
export const images = {
  controller: "localhost/virt-controller:latest",
  daemon: "localhost/virt-node-daemon:latest",
  hold: "localhost/hold:latest",
} as const;
