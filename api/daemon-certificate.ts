/** What the API server knows of a token that is bound to a pod on a node, or to a node (Kubernetes 1.32 on). */
export const nodeNameClaim = "authentication.kubernetes.io/node-name";
