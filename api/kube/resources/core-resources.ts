import type { V1ConfigMap, V1Node, V1PersistentVolumeClaim, V1Pod, V1Secret } from "@kubernetes/client-node";
import type { Wire } from "../client/wire.ts";
import type { KubeObject } from "./object.ts";
import type { Resource } from "./resource.ts";

export type Claim = Wire<V1PersistentVolumeClaim>;
export type ConfigMap = Wire<V1ConfigMap>;
export type Node = Wire<V1Node>;
export type Pod = Wire<V1Pod>;
/** Its data is in base64. */
export type Secret = Wire<V1Secret>;

export const claims = namespaced<Claim>("PersistentVolumeClaim", "persistentvolumeclaims");
export const configMaps = namespaced<ConfigMap>("ConfigMap", "configmaps");
export const nodes: Resource<Node> = { ...namespaced<Node>("Node", "nodes"), namespaced: false };
export const pods = namespaced<Pod>("Pod", "pods");
export const secrets = namespaced<Secret>("Secret", "secrets");

function namespaced<T extends KubeObject>(kind: string, plural: string): Resource<T> {
  return { group: "", version: "v1", plural, kind, namespaced: true };
}
