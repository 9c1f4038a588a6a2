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

// `controller-guard.ts` limits the controller's writes to its tasks.
const controllerCluster: readonly Rule[] = [
  // patch: finalizers, and the run strategy of a halted machine with a start request.
  { apiGroups: [group.name], resources: [machines], verbs: [...watched, "patch", "delete"] },
  { apiGroups: [group.name], resources: [instances], verbs: [...watched, "create", "patch", "delete"] },
  { apiGroups: [group.name], resources: [`${machines}/status`, `${instances}/status`], verbs: ["patch"] },
  { apiGroups: [group.name], resources: [`${kinds.KubeVirt.plural}/status`], verbs: ["patch"] },
  // With OwnerReferencesPermissionEnforcement, owner references that block the owner's deletion need these.
  { apiGroups: [group.name], resources: [`${machines}/finalizers`, `${instances}/finalizers`], verbs: ["update"] },
  { apiGroups: [""], resources: ["pods"], verbs: [...watched, "create", "delete"] },
  // patch: stops the placement of machines on nodes with a silent daemon.
  { apiGroups: [""], resources: ["nodes"], verbs: [...watched, "patch"] },
  { apiGroups: [""], resources: ["persistentvolumeclaims"], verbs: watched },
  // To check whether an instance's networks exist, in clusters with Multus.
  { apiGroups: ["k8s.cni.cncf.io"], resources: ["network-attachment-definitions"], verbs: ["get"] },
  // list: why a pod does not start; the kubelet reports that only in events.
  { apiGroups: [""], resources: ["events"], verbs: ["create", "patch", "list"] },
  // To check for KubeVirt in the cluster: the controller does not work beside it.
  { apiGroups: ["apps"], resources: ["deployments"], verbs: ["list"] },
  // Revisions: the machines' specs when instances were made from them.
  { apiGroups: ["apps"], resources: ["controllerrevisions"], verbs: ["create", "delete"] },
  // The object by which clients find this installation.
  { apiGroups: [group.name], resources: [kinds.KubeVirt.plural], verbs: [...watched, "create"] },
  // The node daemons' serving certificates. The right on a signer covers its requests.
  { apiGroups: [certificates], resources: [certificateRequests], verbs: watched },
  {
    apiGroups: [certificates],
    resources: [`${certificateRequests}/approval`, `${certificateRequests}/status`],
    verbs: ["patch"],
  },
  { apiGroups: [certificates], resources: ["signers"], resourceNames: [daemonSigner], verbs: ["approve", "sign"] },
  // To check the rights of the aggregated API's users.
  { apiGroups: ["authorization.k8s.io"], resources: ["subjectaccessreviews"], verbs: ["create"] },
  // The authority that the API server trusts.
  {
    apiGroups: ["apiregistration.k8s.io"],
    resources: ["apiservices"],
    resourceNames: apiServiceNames,
    verbs: [...watched, "patch"],
  },
];

const controllerNamespace: readonly Rule[] = [
  // RBAC cannot limit create to a name: a rule with resourceNames does not cover it.
  { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["create"] },
  {
    apiGroups: ["coordination.k8s.io"],
    resources: ["leases"],
    resourceNames: [leaseName],
    verbs: [...watched, "update"],
  },
  // Only the Secrets of the certificates.
  { apiGroups: [""], resources: ["secrets"], verbs: ["create"] },
  {
    apiGroups: [""],
    resources: ["secrets"],
    resourceNames: Object.values(secretNames),
    verbs: [...watched, "update"],
  },
];

// For RBAC the daemons of all nodes are one account: `daemon-guard.ts` limits each daemon's writes to its own node.
// Reads cannot be limited so: RBAC has no field selectors, and admission does not see reads.
const daemonCluster: readonly Rule[] = [
  { apiGroups: [group.name], resources: [instances], verbs: watched },
  { apiGroups: [group.name], resources: [`${instances}/status`], verbs: ["patch"] },
  { apiGroups: [""], resources: ["pods"], verbs: watched },
  // Its heartbeat, and the label for placing machines on its node.
  { apiGroups: [""], resources: ["nodes"], verbs: ["get", "patch"] },
  { apiGroups: [""], resources: ["events"], verbs: ["create", "patch"] },
  // Its serving certificate. RBAC cannot limit create to a name; the content of a request is no secret.
  { apiGroups: [certificates], resources: [certificateRequests], verbs: ["create", "get"] },
];

/** The service accounts of the programs and their rights. */
export const programRoles: readonly Manifest[] = [
  serviceAccount(names.controller),
  clusterRole(names.controller, controllerCluster),
  clusterBinding(names.controller),
  role(names.controller, controllerNamespace),
  binding(names.controller, names.controller),
  // Reads the front proxy's authority, which authenticates requests to the aggregated API.
  binding(`${names.controller}-authentication-reader`, names.controller, {
    inside: "kube-system",
    to: "extension-apiserver-authentication-reader",
  }),
  serviceAccount(names.daemon),
  clusterRole(names.daemon, daemonCluster),
  clusterBinding(names.daemon),
];
