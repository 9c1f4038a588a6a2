/** A server, and how it is known. */
export interface Cluster {
  server?: string;
  tlsServerName?: string;
  insecureSkipTlsVerify?: boolean;
  /** A file. */
  certificateAuthority?: string;
  /** What would be in that file; it counts before it. */
  certificateAuthorityData?: Buffer;
  proxyUrl?: string;
  disableCompression?: boolean;
  /** What programs that tell credentials are told of the cluster besides. */
  execConfig?: unknown;
}

/** Somebody, and how he proves it. */
export interface User {
  /** Files, and what would be in them, which counts before them. */
  clientCertificate?: string;
  clientCertificateData?: Buffer;
  clientKey?: string;
  clientKeyData?: Buffer;
  token?: string;
  /** A file, read again and again, since its token is replaced. */
  tokenFile?: string;
  username?: string;
  password?: string;
  /** Whom to impersonate. */
  as?: string;
  asUid?: string;
  asGroups?: string[];
  asUserExtra?: Record<string, string[]>;
  authProvider?: AuthProvider;
  exec?: Exec;
}

/** A way to credentials that client-go has built in, such as `oidc`. */
export interface AuthProvider {
  name: string;
  config: Record<string, string>;
}

/** A program that tells credentials (`client.authentication.k8s.io`). */
export interface Exec {
  /** By its name, or a path. */
  command: string;
  args: string[];
  env: { name: string; value: string }[];
  apiVersion: string;
  installHint?: string;
  provideClusterInfo: boolean;
  interactiveMode: string;
}

export interface Context {
  cluster?: string;
  user?: string;
  namespace?: string;
}

/** Kubeconfig files, merged. */
export interface Kubeconfig {
  currentContext?: string;
  clusters: Map<string, Cluster>;
  users: Map<string, User>;
  contexts: Map<string, Context>;
}

/** Whether there is nothing in it. */
export function isEmpty({ currentContext, clusters, users, contexts }: Kubeconfig): boolean {
  return currentContext === undefined && clusters.size + users.size + contexts.size === 0;
}
