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
  /** The name of the machine, on its instance and placeholder pod. */
  machineName: "vm.kubevirt.io/name",
  /** The name of the instance, shortened where it is too long (see `instanceIdLabel`), on its placeholder pod. */
  instanceId: "vmi.kubevirt.io/id",
  /** `true` on nodes that can run machines. */
  schedulable: "kubevirt.io/schedulable",
  /** On an instance whose placeholder's image is of another version. */
  outdatedImage: "kubevirt.io/outdatedLauncherImage",
} as const;

/** Labels of instances that only the programs set: they find their own instances by these labels. */
export const reservedLabels: readonly string[] = [
  labels.createdBy,
  labels.nodeName,
  labels.migrationTargetNodeName,
  labels.migrationJob,
  labels.outdatedImage,
];

/** The value of `labels.app` on placeholder pods. */
export const placeholderApp = "virt-launcher";

/** The label on every object that is installed with the add-on. */
export const partOf = { "app.kubernetes.io/part-of": "kubectl-virt" } as const;

/** Annotations, with KubeVirt's names. */
export const annotations = {
  /** The name of the instance, on its placeholder pod. */
  domain: "kubevirt.io/domain",
  /** The generation of the VirtualMachine that an instance was made from. */
  machineGeneration: "kubevirt.io/vm-generation",
  /** The digest of the template that an instance was made from; a name of ours. */
  templateDigest: "kubevirt.io/template-digest",
  /** The version of the contract that a placeholder pod follows; a name of ours. */
  placeholderVersion: "kubevirt.io/placeholder-version",
  /** On a node: the time of the node daemon's last heartbeat. */
  heartbeat: "kubevirt.io/heartbeat",
  /** Why no machine is placed on a node, beside `labels.schedulable`; a name of ours. */
  unschedulableReason: "kubevirt.io/unschedulable-reason",
  /** `true` on pods of node daemons that have a serving certificate of their node; a name of ours. */
  ownCertificate: "kubevirt.io/own-certificate",
  /** On a placeholder pod: the containers that the controller requested. The API server writes it. A name of ours. */
  requestedContainers: "kubevirt.io/requested-containers",
  /** The UID of the placeholder pod that the controller has made for an instance; a name of ours. */
  placeholderUid: "kubevirt.io/placeholder-uid",
  /** On a machine or an instance: how long it may live without a renewal, such as `90s`; a name of ours. */
  expireAfter: "kubevirt.io/expire-after",
  /** On a machine or an instance: any text; each change of it renews the object's expiry. A name of ours. */
  renewed: "kubevirt.io/renewed",
  /** On a machine: the run of `kubectl virt run` that made it. A name of ours. */
  run: "kubevirt.io/run",
} as const;

/** Annotations of instances that only the controller sets: the node daemon relies on them. */
export const reservedAnnotations: readonly string[] = [annotations.placeholderUid];

/** Labels and annotations of its own node that a node daemon may change; the API server refuses all others. */
export const daemonNodeLabels: readonly string[] = [labels.schedulable];
export const daemonNodeAnnotations: readonly string[] = [annotations.heartbeat, annotations.unschedulableReason];

/** Annotations for KubeVirt features that do not exist here: they are refused, not ignored. */
export const unsupportedAnnotations: readonly string[] = ["hooks.kubevirt.io/hookSidecars", "kubevirt.io/ignitiondata"];

/**
 * Finalizers, with KubeVirt's names. KubeVirt before v1.7 called the instance's one `foregroundDeleteVirtualMachine`.
 * API servers warn of finalizers without a domain, and kubectl prints the warnings.
 */
export const finalizers = {
  /** An instance stays until its domain is gone. */
  instance: "kubevirt.io/foregroundDeleteVirtualMachine",
  /** A machine stays until its instance is gone. */
  machine: "kubevirt.io/virtualMachineControllerFinalize",
} as const;
