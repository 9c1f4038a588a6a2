import { type Manifest, namespace, partOf } from "./object.ts";

/** `rbac.authorization.k8s.io/v1` PolicyRule, never with a wildcard. */
export interface Rule {
  apiGroups: readonly string[];
  resources: readonly string[];
  resourceNames?: readonly string[];
  verbs: readonly string[];
}

const apiVersion = "rbac.authorization.k8s.io/v1";
const apiGroup = "rbac.authorization.k8s.io";

/** A service account of the add-on. */
export const serviceAccount = (name: string): Manifest => ({
  apiVersion: "v1",
  kind: "ServiceAccount",
  metadata: { name, namespace, labels: partOf },
});

export const clusterRole = (name: string, rules: readonly Rule[], labels: Record<string, string> = {}): Manifest => ({
  apiVersion,
  kind: "ClusterRole",
  metadata: { name, labels: { ...partOf, ...labels } },
  rules,
});

/** A role in the add-on's namespace. */
export const role = (name: string, rules: readonly Rule[]): Manifest => ({
  apiVersion,
  kind: "Role",
  metadata: { name, namespace, labels: partOf },
  rules,
});

const accountOf = (name: string) => ({ kind: "ServiceAccount", name, namespace });

/** Binds a ClusterRole to a service account of the same name. */
export const clusterBinding = (name: string): Manifest => ({
  apiVersion,
  kind: "ClusterRoleBinding",
  metadata: { name, labels: partOf },
  roleRef: { apiGroup, kind: "ClusterRole", name },
  subjects: [accountOf(name)],
});

/** Binds a Role to a service account, in a given namespace or in the add-on's. */
export const binding = (name: string, account: string, { inside = namespace, to = name } = {}): Manifest => ({
  apiVersion,
  kind: "RoleBinding",
  metadata: { name, namespace: inside, labels: partOf },
  roleRef: { apiGroup, kind: "Role", name: to },
  subjects: [accountOf(account)],
});

/** Binds a ClusterRole to all authenticated users. */
export const bindingToAuthenticated = (name: string): Manifest => ({
  apiVersion,
  kind: "ClusterRoleBinding",
  metadata: { name, labels: partOf },
  roleRef: { apiGroup, kind: "ClusterRole", name },
  subjects: [{ apiGroup, kind: "Group", name: "system:authenticated" }],
});
