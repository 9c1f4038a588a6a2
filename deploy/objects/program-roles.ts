import { daemonSigner } from "../../api/contract/daemon-certificate.ts";
import { group } from "../../api/group.ts";
import { kinds } from "../../api/kinds.ts";
import { apiServiceNames } from "../../controller/certificates/api-services.ts";
import { secretNames } from "../../controller/certificates/subjects.ts";
import { leaseName } from "../../controller/lease-name.ts";
import { names } from "./names.ts";
import type { Manifest } from "./object.ts";
import { binding, clusterBinding, clusterRole, type Rule, role, serviceAccount } from "./rule.ts";

const { plural: machines } = kinds.VirtualMachine;
const { plural: instances } = kinds.VirtualMachineInstance;
const certificates = "certificates.k8s.io";
const certificateRequests = "certificatesigningrequests";
const watched = ["get", "list", "watch"] as const;

// What the controller may write, `controller-guard.ts` holds to what it does.
const controllerCluster: readonly Rule[] = [
  // patch: finalizers, and the run strategy of a halted machine that is asked to start.
  { apiGroups: [group.name], resources: [machines], verbs: [...watched, "patch"] },
  { apiGroups: [group.name], resources: [instances], verbs: [...watched, "create", "patch", "delete"] },
  { apiGroups: [group.name], resources: [`${machines}/status`, `${instances}/status`], verbs: ["patch"] },
  { apiGroups: [group.name], resources: [`${kinds.KubeVirt.plural}/status`], verbs: ["patch"] },
  // Owner references that block the owner's deletion need these where OwnerReferencesPermissionEnforcement is on.
  { apiGroups: [group.name], resources: [`${machines}/finalizers`, `${instances}/finalizers`], verbs: ["update"] },
  { apiGroups: [""], resources: ["pods"], verbs: [...watched, "create", "delete"] },
  // patch: takes machines no more on nodes whose daemon is silent.
  { apiGroups: [""], resources: ["nodes"], verbs: [...watched, "patch"] },
  { apiGroups: [""], resources: ["persistentvolumeclaims"], verbs: watched },
  // Whether the networks of an instance are there, where Multus is.
  { apiGroups: ["k8s.cni.cncf.io"], resources: ["network-attachment-definitions"], verbs: ["get"] },
  // list: why a pod is not started, which the kubelet tells in its events only.
  { apiGroups: [""], resources: ["events"], verbs: ["create", "patch", "list"] },
  // Whether KubeVirt is in the cluster, beside which it does not work.
  { apiGroups: ["apps"], resources: ["deployments"], verbs: ["list"] },
  // What machines were when their instances were made of them.
  { apiGroups: ["apps"], resources: ["controllerrevisions"], verbs: ["create", "delete"] },
  // And the object by which clients find this installation.
  { apiGroups: [group.name], resources: [kinds.KubeVirt.plural], verbs: [...watched, "create"] },
  // The node daemons' serving certificates. A signer's name stands for its requests.
  { apiGroups: [certificates], resources: [certificateRequests], verbs: watched },
  {
    apiGroups: [certificates],
    resources: [`${certificateRequests}/approval`, `${certificateRequests}/status`],
    verbs: ["patch"],
  },
  { apiGroups: [certificates], resources: ["signers"], resourceNames: [daemonSigner], verbs: ["approve", "sign"] },
  // What users of the aggregated API may do.
  { apiGroups: ["authorization.k8s.io"], resources: ["subjectaccessreviews"], verbs: ["create"] },
  // Whom the API server trusts.
  {
    apiGroups: ["apiregistration.k8s.io"],
    resources: ["apiservices"],
    resourceNames: apiServiceNames,
    verbs: [...watched, "patch"],
  },
];

const controllerNamespace: readonly Rule[] = [
  // Nothing can be created by name: a rule with resourceNames does not cover it.
  { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["create"] },
  {
    apiGroups: ["coordination.k8s.io"],
    resources: ["leases"],
    resourceNames: [leaseName],
    verbs: [...watched, "update"],
  },
  // The certificates, and no other Secret.
  { apiGroups: [""], resources: ["secrets"], verbs: ["create"] },
  {
    apiGroups: [""],
    resources: ["secrets"],
    resourceNames: Object.values(secretNames),
    verbs: [...watched, "update"],
  },
];

// To RBAC the daemons of all nodes are one account: `daemon-guard.ts` holds what each may write to its own node. What they
// may read cannot be held so: RBAC knows no field selectors, and admission sees no reads.
const daemonCluster: readonly Rule[] = [
  { apiGroups: [group.name], resources: [instances], verbs: watched },
  { apiGroups: [group.name], resources: [`${instances}/status`], verbs: ["patch"] },
  { apiGroups: [""], resources: ["pods"], verbs: watched },
  // Its heartbeat, and the label by which machines are placed on its node.
  { apiGroups: [""], resources: ["nodes"], verbs: ["get", "patch"] },
  { apiGroups: [""], resources: ["events"], verbs: ["create", "patch"] },
  // Its serving certificate. None can be created by name; what is in one is no secret.
  { apiGroups: [certificates], resources: [certificateRequests], verbs: ["create", "get"] },
];

/** The service accounts of the programs and what they may do. */
export const programRoles: readonly Manifest[] = [
  serviceAccount(names.controller),
  clusterRole(names.controller, controllerCluster),
  clusterBinding(names.controller),
  role(names.controller, controllerNamespace),
  binding(names.controller, names.controller),
  // By whom requests of the aggregated API come.
  binding(`${names.controller}-authentication-reader`, names.controller, {
    inside: "kube-system",
    to: "extension-apiserver-authentication-reader",
  }),
  serviceAccount(names.daemon),
  clusterRole(names.daemon, daemonCluster),
  clusterBinding(names.daemon),
];
