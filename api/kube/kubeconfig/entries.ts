/** A server, and how to verify it. */
export interface Cluster {
  server?: string;
  tlsServerName?: string;
  insecureSkipTlsVerify?: boolean;
  /** A file name. */
  certificateAuthority?: string;
  /** The content of that file; it takes precedence. */
  certificateAuthorityData?: Buffer;
  proxyUrl?: string;
  disableCompression?: boolean;
  /** The cluster's additional settings for credential programs. */
  execConfig?: unknown;
}

/** A user and the user's credentials. */
export interface User {
  /** Files, and their content; the content takes precedence. */
  clientCertificate?: string;
  clientCertificateData?: Buffer;
  clientKey?: string;
  clientKeyData?: Buffer;
  token?: string;
  /** A file. It is read again and again, because its token is replaced. */
  tokenFile?: string;
  username?: string;
  password?: string;
  /** The user to impersonate. */
  as?: string;
  asUid?: string;
  asGroups?: string[];
  asUserExtra?: Record<string, string[]>;
  authProvider?: AuthProvider;
  exec?: Exec;
}

/** A credential provider that is built into client-go, such as `oidc`. */
export interface AuthProvider {
  name: string;
  config: Record<string, string>;
}

/** A program that prints credentials (`client.authentication.k8s.io`). */
export interface Exec {
  /** A name or a path. */
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

/** The merged content of kubeconfig files. */
export interface Kubeconfig {
  currentContext?: string;
  clusters: Map<string, Cluster>;
  users: Map<string, User>;
  contexts: Map<string, Context>;
}

/** Whether the kubeconfig has no entries. */
export function isEmpty({ currentContext, clusters, users, contexts }: Kubeconfig): boolean {
  return currentContext === undefined && clusters.size + users.size + contexts.size === 0;
}
