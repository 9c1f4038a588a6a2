/*
 * Values that the controller and the node daemons share, in one release and across two. A release works with the
 * release before it on the other side, so never change a value here on its own. To change what a placeholder pod
 * promises, raise the version and support both versions.
 */

/**
 * Versions of data that outlives the program that wrote it: an instance's folder on its node, and what a placeholder
 * pod promises to the daemon. A release raises a number when its change would make the release before do harm. It also
 * understands the number before. In every version an instance's folder keeps its `vmi.json` with these numbers and the
 * metadata. A program leaves data with a higher number than its own alone. Data without a number is of version 1.
 */
export const versions = { state: 1, placeholder: 1 } as const;

/**
 * The programs' names: of Deployment, DaemonSet, service account and user agent. The daemon's certificate has the
 * daemon's name, because its addresses change. The daemon serves clients that have the controller's name.
 */
export const programs = { controller: "virt-controller", daemon: "virt-node-daemon" } as const;

/** The value of the label `kubevirt.io` on each program's pods; the programs and KubeVirt's tools find pods by it. */
export const components = { controller: "virt-controller", daemon: "virt-handler" } as const;

/** The port on which each program serves HTTPS. */
export const httpsPorts = { controller: 8443, daemon: 8187 } as const;

/** The folder of a daemon's certificate: `tls.crt`, `tls.key`, and the trusted authorities in `ca.crt`. */
export const daemonTlsFolder = "/etc/virt/tls";

/** The folder of a daemon's per-instance data, the same path on its node and in its own pod. */
export const stateFolder = "/var/lib/kubevirt-node";

/**
 * KubeVirt's user, and the group of the same number: authors of container disks and of disks on claims give the files
 * to this user. QEMU runs as another user, except a QEMU that the build before has started.
 */
export const qemuUser = 107;

/** Seconds that a guest has to shut down, when its instance sets no period. */
export const defaultGracePeriod = 30;

/**
 * Extra seconds that the kubelet waits for a placeholder to end, beyond the guest's time to shut down. In this time the
 * daemon destroys the domain and removes what it made for the instance.
 */
export const teardownSeconds = 15;

/** The placeholder's container that represents the machine. */
export const machineContainer = "compute";

/** The placeholder's container that copies `hold` for the image containers, before they start. */
export const holdContainer = "hold";

/** The program that a placeholder's containers run (`deploy/images/hold`). */
export const holdProgram = "/hold";

/** The signals that end the hold program, by how the machine ended. */
export const holdSignals = { Succeeded: "SIGUSR1", Failed: "SIGUSR2" } as const;

/** In a placeholder's container, the folder above the files of disks, kernels and API objects. */
export const podFilesFolder = "/var/run/kubevirt";

/** The copy of the hold program in image containers, whose images may not contain it. */
export const copiedHoldProgram = `${podFilesFolder}/hold/hold`;

/** In a placeholder's container, the folder above the devices of claims. */
export const podDevicesFolder = "/dev/kubevirt";

/**
 * The most bytes of memory that an instance's spec may take, as `exceeds` computes them. The controller places no
 * larger one, so that a node's daemon has room for all that the kubelet accepts. etcd's limit for cloud-init text is
 * lower.
 */
export const maxSpecBytes = 2 * 1024 * 1024;
