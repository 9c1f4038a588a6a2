import { programs } from "./constants.ts";

/** What the API server enters into the token of a pod: the node that the pod is on (Kubernetes 1.32 on). */
export const nodeNameClaim = "authentication.kubernetes.io/node-name";

/** By what the API server calls the node daemons of an add-on in a namespace. */
export const daemonUserIn = (namespace: string): string => `system:serviceaccount:${namespace}:${programs.daemon}`;

/** The signer that node daemons ask for their serving certificates; the controller is it. */
export const daemonSigner = "kubevirt.io/node-daemon-serving";

/** What such a certificate is for; exactly this is asked for and given. */
export const daemonUsages: readonly string[] = ["digital signature", "server auth"];

/**
 * The DNS name in the certificate of a node's daemon, by which the controller dials it, whatever its address. Not the bare
 * name of the node: nodes may be called as a Service is.
 */
export const daemonServerName = (node: string): string => `${node}.${programs.daemon}`;

/**
 * The name in the one certificate that the daemons of the release before share. Controllers of that release dial by
 * it, and this release's dial daemons of that release by it, until all are replaced. To go with the next release.
 */
export const sharedServerName = programs.daemon;
