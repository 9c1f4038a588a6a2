import { ConfigurationError } from "../client/errors.ts";
import type { Cluster, Context, Kubeconfig, User } from "./entries.ts";

/** A server and a user for it. */
export interface ResolvedContext {
  readonly cluster: Cluster & { readonly server: string };
  readonly user: User;
  /** The namespace for calls that name none. */
  readonly namespace: string;
}

/** Values that override the files, such as kubectl's flags. */
export interface Overrides {
  /** Names of entries in the files. */
  readonly context?: string | undefined;
  readonly cluster?: string | undefined;
  readonly user?: string | undefined;
  /** Values that replace those in the files. */
  readonly namespace?: string | undefined;
  readonly server?: string | undefined;
  readonly certificateAuthority?: string | undefined;
  readonly insecureSkipTlsVerify?: boolean | undefined;
  readonly tlsServerName?: string | undefined;
  readonly proxyUrl?: string | undefined;
  readonly clientCertificate?: string | undefined;
  readonly clientKey?: string | undefined;
  readonly token?: string | undefined;
  readonly as?: string | undefined;
  readonly asUid?: string | undefined;
  readonly asGroups?: readonly string[] | undefined;
  readonly asUserExtra?: Readonly<Record<string, string[]>> | undefined;
}

/** The server and user of a context. Throws ConfigurationError for a name that does not exist, and without a server. */
export function resolveContext(config: Kubeconfig, overrides: Overrides): ResolvedContext {
  const context = contextOf(config, overrides.context);
  const cluster = clusterOf(config, overrides.cluster, context.cluster);
  const user = userOf(config, overrides.user, context.user);
  const { server } = overrides;
  if (!server && !cluster.server) throw noServer(config, context.name, context.cluster);
  return overridden(
    { cluster: { server: "", ...cluster }, user, namespace: context.namespace ?? "default" },
    overrides,
  );
}

/** A way with overrides, by client-go's rules. */
export function overridden({ cluster, user, namespace }: ResolvedContext, overrides: Overrides): ResolvedContext {
  return {
    cluster: { ...cluster, ...clusterChanges(overrides) },
    user: { ...user, ...userChanges(overrides) },
    namespace: overrides.namespace || namespace,
  };
}

function contextOf(config: Kubeconfig, named: string | undefined): Context & { name?: string } {
  const name = named || config.currentContext;
  if (name === undefined) return {};
  const context = config.contexts.get(name);
  if (!context) throw new ConfigurationError(`context "${name}" does not exist; ${contextsOf(config)}`);
  return { name, ...context };
}

function clusterOf({ clusters }: Kubeconfig, named: string | undefined, own: string | undefined): Cluster {
  const cluster = clusters.get(named || (own ?? ""));
  if (!cluster && named) throw new ConfigurationError(`cluster "${named}" does not exist`);
  return cluster ?? {};
}

function userOf({ users }: Kubeconfig, named: string | undefined, own: string | undefined): User {
  const user = users.get(named || (own ?? ""));
  if (!user && named) throw new ConfigurationError(`auth info "${named}" does not exist`);
  // A missing user is anonymous.
  return user ?? {};
}

function noServer(config: Kubeconfig, context: string | undefined, cluster: string | undefined): ConfigurationError {
  if (context === undefined) return new ConfigurationError(`no context is chosen; ${contextsOf(config)}`);
  const why = cluster === undefined ? "names no cluster" : `names cluster "${cluster}", which has no server`;
  return new ConfigurationError(`context "${context}" ${why}`);
}

function contextsOf({ contexts }: Kubeconfig): string {
  return `the kubeconfig has ${[...contexts.keys()].join(", ") || "none"}`;
}

function clusterChanges(overrides: Overrides): Cluster {
  const { server, certificateAuthority, insecureSkipTlsVerify = false, tlsServerName, proxyUrl } = overrides;
  const changes: Cluster = {};
  if (server) changes.server = server;
  if (proxyUrl) changes.proxyUrl = proxyUrl;
  // Another server does not have the name in the file.
  if (server || tlsServerName) Object.assign(changes, { tlsServerName });
  // An authority and an insecure connection exclude each other.
  if (certificateAuthority || insecureSkipTlsVerify) {
    Object.assign(changes, { certificateAuthority, certificateAuthorityData: undefined, insecureSkipTlsVerify });
  }
  return changes;
}

function userChanges(overrides: Overrides): User {
  const { clientCertificate, clientKey, token, as, asUid, asGroups, asUserExtra } = overrides;
  return Object.assign(
    {},
    clientCertificate ? { clientCertificate, clientCertificateData: undefined } : {},
    clientKey ? { clientKey, clientKeyData: undefined } : {},
    token ? { token, tokenFile: undefined } : {},
    as ? { as } : {},
    asUid ? { asUid } : {},
    asGroups?.length ? { asGroups: [...asGroups] } : {},
    asUserExtra ? { asUserExtra: { ...asUserExtra } } : {},
  );
}
