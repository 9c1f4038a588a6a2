import { readFile } from "node:fs/promises";
import { KubeClient } from "../api/kube/client.ts";
import type { Access, Credentials, TlsOptions } from "../api/kube/credentials.ts";
import { ConfigurationError } from "../api/kube/errors.ts";
import { loadCredentials } from "../api/kube/load.ts";
import { version } from "../api/version.ts";
import { timerDelay } from "./duration.ts";
import type { GlobalFlags } from "./global-flags.ts";

/** A client with the kubeconfig's credentials and what the flags change of them. */
export async function connect(flags: GlobalFlags, onWarning: (text: string) => void): Promise<KubeClient> {
  const { kubeconfig: file, context } = flags;
  const loaded = await loadCredentials({ file, context, kubeconfigFirst: true });
  const credentials = new FlaggedCredentials(loaded, flags, await tlsOf(flags));
  const { requestTimeout } = flags;
  return new KubeClient(credentials, {
    userAgent: `kubectl-virt/${version}`,
    fieldManager: "kubectl-virt",
    onWarning,
    ...(requestTimeout === undefined ? {} : { timeLimit: timerDelay(requestTimeout || Number.POSITIVE_INFINITY) }),
  });
}

/** Credentials with what the flags say on top of them. */
class FlaggedCredentials implements Credentials {
  readonly server: URL;
  readonly namespace: string;
  readonly #inner: Credentials;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #flagged: TlsOptions;
  #tls: { inner: TlsOptions; merged: TlsOptions } | undefined;

  constructor(inner: Credentials, flags: GlobalFlags, tls: TlsOptions) {
    this.#inner = inner;
    this.server = flags.server === undefined ? inner.server : serverOf(flags.server);
    this.namespace = flags.namespace ?? inner.namespace;
    this.#headers = headersOf(flags);
    this.#flagged = tls;
  }

  async access(): Promise<Access> {
    const access = await this.#inner.access();
    // One object as long as nothing changed: connections are kept by it.
    if (this.#tls?.inner !== access.tls) {
      this.#tls = { inner: access.tls, merged: { ...access.tls, ...this.#flagged } };
    }
    return { ...access, headers: { ...access.headers, ...this.#headers }, tls: this.#tls.merged };
  }

  refused(): Promise<boolean> {
    return this.#inner.refused();
  }
}

function serverOf(text: string): URL {
  const url = URL.parse(text.includes("://") ? text : `https://${text}`);
  if (!url) throw new ConfigurationError(`invalid argument "${text}" for "--server" flag: it must be a URL`);
  return url;
}

function headersOf({ as, asGroup = [], asUid, token }: GlobalFlags): Record<string, string> {
  if (as === undefined && (asGroup.length > 0 || asUid !== undefined)) {
    throw new ConfigurationError("requesting groups or a UID without a user: --as-group and --as-uid need --as");
  }
  // Header names are the same however they are written; several groups would need several headers of one name.
  if (asGroup.length > 1) throw new ConfigurationError("--as-group: only one group is supported");
  return {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(as === undefined ? {} : { "impersonate-user": as }),
    ...(asGroup[0] === undefined ? {} : { "impersonate-group": asGroup[0] }),
    ...(asUid === undefined ? {} : { "impersonate-uid": asUid }),
  };
}

async function tlsOf(flags: GlobalFlags): Promise<TlsOptions> {
  const file = async (path: string, flag: string): Promise<Buffer> =>
    readFile(path).catch((cause: unknown) => {
      throw new ConfigurationError(`reading --${flag} "${path}"`, { cause });
    });
  const { certificateAuthority, clientCertificate, clientKey, insecureSkipTlsVerify, tlsServerName } = flags;
  return {
    ...(certificateAuthority ? { ca: await file(certificateAuthority, "certificate-authority") } : {}),
    ...(clientCertificate ? { cert: await file(clientCertificate, "client-certificate") } : {}),
    ...(clientKey ? { key: await file(clientKey, "client-key") } : {}),
    ...(insecureSkipTlsVerify ? { rejectUnauthorized: false } : {}),
    ...(tlsServerName ? { servername: tlsServerName } : {}),
  };
}
