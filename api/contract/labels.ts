/** Labels, with KubeVirt's names. */
export const labels = {
  /** `virt-launcher` on placeholder pods. */
  app: "kubevirt.io",
  /** The UID of the instance, on its placeholder pod. */
  createdBy: "kubevirt.io/created-by",
  /** The node of an instance, once it is placed. */
  nodeName: "kubevirt.io/nodeName",
  /** The node that an instance is migrated to. */
  migrationTargetNodeName: "kubevirt.io/migrationTargetNodeName",
  /** The UID of the migration that a placeholder pod was made for. */
  migrationJob: "kubevirt.io/migrationJobUID",
  /** The name of the migration that a placeholder pod was made for. */
  migrationName: "kubevirt.io/migrationName",
  /** The name of the machine, on its instance and placeholder pod. */
  machineName: "vm.kubevirt.io/name",
  /** The name of the instance as far as it fits (see `instanceIdLabel`), on its placeholder pod. */
  instanceId: "vmi.kubevirt.io/id",
  /** `true` on nodes that can run machines. */
  schedulable: "kubevirt.io/schedulable",
  /** On an instance whose placeholder's image is of another version. */
  outdatedImage: "kubevirt.io/outdatedLauncherImage",
} as const;

/** Labels of instances that the programs alone set: by them they find what is theirs. */
export const reservedLabels: readonly string[] = [
  labels.createdBy,
  labels.nodeName,
  labels.migrationTargetNodeName,
  labels.migrationJob,
  labels.outdatedImage,
];

/** The value of `labels.app` on placeholder pods. */
export const placeholderApp = "virt-launcher";

/** The label of all that is installed with the add-on. */
export const partOf = { "app.kubernetes.io/part-of": "kubectl-virt" } as const;

/** Annotations, with KubeVirt's names. */
export const annotations = {
  /** The name of the instance, on its placeholder pod. */
  domain: "kubevirt.io/domain",
  /** The generation of the VirtualMachine that an instance was made from. */
  machineGeneration: "kubevirt.io/vm-generation",
  /** Which template an instance was made from; a name of ours. */
  templateDigest: "kubevirt.io/template-digest",
  /** Which version of the contract a placeholder pod keeps; a name of ours. */
  placeholderVersion: "kubevirt.io/placeholder-version",
  /** When the node daemon was last heard of, on a node. */
  heartbeat: "kubevirt.io/heartbeat",
  /** Why no machine is placed on a node, beside `labels.schedulable`; a name of ours. */
  unschedulableReason: "kubevirt.io/unschedulable-reason",
  /** The name of the migration that a placeholder pod was made for. */
  migrationName: "kubevirt.io/migrationJobName",
  /** `true` on pods of node daemons that have a serving certificate of their node; a name of ours. */
  ownCertificate: "kubevirt.io/own-certificate",
  /** Why an instance is to be evicted. */
  evictionSource: "kubevirt.io/eviction-source",
  /** The containers that the controller has asked for, on a placeholder pod; the API server writes it. A name of ours. */
  requestedContainers: "kubevirt.io/requested-containers",
  /** The UID of the placeholder pod that the controller has made for an instance; a name of ours. */
  placeholderUid: "kubevirt.io/placeholder-uid",
} as const;

/** Annotations of instances that the controller alone sets: the node daemon relies on them. */
export const reservedAnnotations: readonly string[] = [annotations.placeholderUid];

/** Labels and annotations of its own node that a node daemon may change; the API server refuses it all others. */
export const daemonNodeLabels: readonly string[] = [labels.schedulable];
export const daemonNodeAnnotations: readonly string[] = [annotations.heartbeat, annotations.unschedulableReason];

/** Annotations by which KubeVirt does more with an instance, of which nothing is made here: they are refused, not ignored. */
export const unsupportedAnnotations: readonly string[] = ["hooks.kubevirt.io/hookSidecars", "kubevirt.io/ignitiondata"];

/**
 * Finalizers, with KubeVirt's names. That of an instance was `foregroundDeleteVirtualMachine` before its v1.7; API servers
 * warn of finalizers without a domain, and kubectl prints the warnings.
 */
export const finalizers = {
  /** An instance stays until its domain is gone. */
  instance: "kubevirt.io/foregroundDeleteVirtualMachine",
  /** A machine stays until its instance is gone. */
  machine: "kubevirt.io/virtualMachineControllerFinalize",
  /** A migration stays until it has ended. */
  migration: "kubevirt.io/migrationJobFinalize",
} as const;
