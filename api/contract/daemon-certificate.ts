import { programs } from "./constants.ts";

/** The claim with the pod's node that the API server puts into a pod's token (Kubernetes 1.32 on). */
export const nodeNameClaim = "authentication.kubernetes.io/node-name";

/** The user name that the API server gives the node daemons of an add-on in a namespace. */
export const daemonUserIn = (namespace: string): string => `system:serviceaccount:${namespace}:${programs.daemon}`;

/** The signer of the node daemons' serving certificates; the controller is this signer. */
export const daemonSigner = "kubevirt.io/node-daemon-serving";

/** The usages of such a certificate; the daemon requests exactly these and the controller grants exactly these. */
export const daemonUsages: readonly string[] = ["digital signature", "server auth"];

/**
 * The DNS name in the certificate of a node's daemon. The controller dials the daemon by this name, whatever its
 * address. The bare node name would not do: a node may have the same name as a Service.
 */
export const daemonServerName = (node: string): string => `${node}.${programs.daemon}`;

/**
 * The name in the one certificate that the daemons of the release before share. Controllers of that release dial by it.
 * This release's controllers dial that release's daemons by it, until all are replaced. Remove it in the next release.
 */
export const sharedServerName = programs.daemon;
