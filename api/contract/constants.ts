/*
 * What the controller and the node daemons rely on of each other, and installations of both. A release works with the one
 * before it on the other side, so a value here does not change by itself: who changes what a placeholder pod promises
 * raises the version, and sees to it that both are understood.
 */

/**
 * The versions of what outlives a program that made it: of an instance's folder on its node, and of what a placeholder pod
 * promises to the daemon. A release that changes one so that the release before it would do harm raises the number, and
 * understands the one before; whatever it changes, an instance's folder keeps its `vmi.json` with these numbers and the
 * metadata. A program leaves alone what has a higher number than its own. What has none is of version 1.
 */
export const versions = { state: 1, placeholder: 1 } as const;

/**
 * The program names, as Deployment, DaemonSet, service account and user agent. The daemon's certificate is made out to
 * its name, since it is reached by addresses that come and go; the controller's is what the daemon serves.
 */
export const programs = { controller: "virt-controller", daemon: "virt-node-daemon" } as const;

/** The value of the label `kubevirt.io` on the pods of each, by which they, and KubeVirt's tools, find each other. */
export const components = { controller: "virt-controller", daemon: "virt-handler" } as const;

/** Where each serves HTTPS. */
export const httpsPorts = { controller: 8443, daemon: 8187 } as const;

/** The folder of a daemon's certificate: `tls.crt`, `tls.key`, and in `ca.crt` whom it believes. */
export const daemonTlsFolder = "/etc/virt/tls";

/** Where a daemon keeps what belongs to instances, on its node and in its own pod. */
export const stateFolder = "/var/lib/kubevirt-node";

/**
 * KubeVirt's user, and the group of the same number: who makes container disks and disks on claims gives them to this
 * user. No QEMU is this user, but for those that the build before has started.
 */
export const qemuUser = 107;

/** Seconds that a guest has to shut down, when its instance does not say. */
export const defaultGracePeriod = 30;

/**
 * Seconds that the kubelet waits longer for a placeholder to end than a guest may take to shut down: for the daemon to
 * destroy the domain and to take down what it made.
 */
export const teardownSeconds = 15;

/** The container of a placeholder that stands for the machine. */
export const machineContainer = "compute";

/** The container of a placeholder that lends `hold` to those of images, before they start. */
export const holdContainer = "hold";

/** The program that a placeholder's containers run (`deploy/images/hold`). */
export const holdProgram = "/hold";

/** The signals that end it, by how the machine has ended. */
export const holdSignals = { Succeeded: "SIGUSR1", Failed: "SIGUSR2" } as const;

/** Below which folder a placeholder's container has the files of disks, kernels and objects. */
export const podFilesFolder = "/var/run/kubevirt";

/** The copy of that program in containers of images, which may have none of their own. */
export const copiedHoldProgram = `${podFilesFolder}/hold/hold`;

/** Below which folder it has the devices of claims. */
export const podDevicesFolder = "/dev/kubevirt";

/**
 * The bytes of memory that the spec of an instance takes at most, as `exceeds` reckons it. The controller places no other,
 * so that a node's daemon has room for all that the kubelet takes. What etcd takes as text of cloud-init's is well below.
 */
export const mostOfSpec = 2 * 1024 * 1024;
