import { group } from "../api/group.ts";
import { kinds } from "../api/kinds.ts";

/** `rbac.authorization.k8s.io/v1` PolicyRule, as far as rules of ours need it: never a wildcard. */
export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly Verb[];
  readonly resourceNames?: readonly string[];
}

type Verb = "get" | "list" | "watch" | "create" | "update" | "patch" | "delete";

const { plural: machines } = kinds.VirtualMachine;
const { plural: instances } = kinds.VirtualMachineInstance;

/** What the reconcilers need in all namespaces. The aggregated API has rules of its own. */
export const controllerClusterRules: readonly PolicyRule[] = [
  // patch: finalizers, and the run strategy of a halted machine that is asked to start.
  { apiGroups: [group.name], resources: [machines], verbs: ["get", "list", "watch", "patch"] },
  { apiGroups: [group.name], resources: [instances], verbs: ["get", "list", "watch", "create", "patch", "delete"] },
  { apiGroups: [group.name], resources: [`${machines}/status`, `${instances}/status`], verbs: ["patch"] },
  // Owner references that block the owner's deletion need these where OwnerReferencesPermissionEnforcement is on.
  { apiGroups: [group.name], resources: [`${machines}/finalizers`, `${instances}/finalizers`], verbs: ["update"] },
  { apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch", "create", "delete"] },
  { apiGroups: [""], resources: ["nodes", "persistentvolumeclaims"], verbs: ["get", "list", "watch"] },
  // list: why a pod is not started, which the kubelet tells in its events only.
  { apiGroups: [""], resources: ["events"], verbs: ["create", "patch", "list"] },
];

/** The name of the Lease by which one of several controllers leads. */
export const leaseName = "virt-controller";

/** What it needs in its own namespace, beside that. */
export const controllerNamespaceRules: readonly PolicyRule[] = [
  // Nothing can be created by name: a rule with resourceNames does not cover it.
  { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["create"] },
  {
    apiGroups: ["coordination.k8s.io"],
    resources: ["leases"],
    resourceNames: [leaseName],
    verbs: ["get", "list", "watch", "update"],
  },
];
