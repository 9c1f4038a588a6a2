import type { RequestOptions } from "node:https";
import { isDeepStrictEqual } from "node:util";
import type { KubeConfig } from "@kubernetes/client-node";
import type { Access, Credentials, TlsOptions } from "./credentials.ts";
import { ConfigurationError } from "./errors.ts";
import { proxyAddress } from "./proxy/address.ts";

export interface KubeconfigOptions {
  /** A file; by default what kubectl takes: `$KUBECONFIG` (several are merged), then `~/.kube/config`. */
  file?: string | undefined;
  /** The current context by default. */
  context?: string | undefined;
  /** Whether a kubeconfig may say that the API server's certificate is not checked (`insecure-skip-tls-verify`). */
  mayBeInsecure?: boolean;
}

/** Credentials of a kubeconfig's context: client certificates, tokens, exec and OIDC, through a proxy or not. */
export async function fromKubeconfig({
  file,
  context,
  mayBeInsecure = true,
}: KubeconfigOptions = {}): Promise<Credentials> {
  // Not imported before it is needed: it costs a second and 80 MB.
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  try {
    if (file === undefined) config.loadFromDefault();
    else config.loadFromFile(file);
  } catch (cause) {
    throw new ConfigurationError(`reading kubeconfig ${file ?? process.env.KUBECONFIG ?? "~/.kube/config"}`, { cause });
  }
  // What client-node makes up when it finds nothing.
  if (file === undefined && config.getCurrentContext() === "loaded-context") {
    throw new ConfigurationError("no kubeconfig: KUBECONFIG is not set and ~/.kube/config is not there");
  }
  if (context !== undefined) config.setCurrentContext(context);
  const cluster = config.getCurrentCluster();
  if (cluster?.skipTLSVerify && !mayBeInsecure) {
    throw new ConfigurationError(
      `cluster "${cluster.name}" of the kubeconfig has insecure-skip-tls-verify: a program that nobody watches checks its API server`,
    );
  }
  return new KubeconfigCredentials(config);
}

class KubeconfigCredentials implements Credentials {
  readonly server: URL;
  readonly namespace: string;
  readonly #config: KubeConfig;
  readonly #proxy: URL | undefined;
  readonly #isUnchecked: boolean;
  #tls: TlsOptions = {};
  #asking: Promise<Access> | undefined;

  constructor(config: KubeConfig) {
    const name = config.getCurrentContext();
    const cluster = config.getCurrentCluster();
    if (!cluster) {
      const known = (config.getContexts() ?? []).map((entry) => entry.name).join(", ") || "none";
      throw new ConfigurationError(
        `context "${name}" is not in the kubeconfig, or names no cluster; its contexts: ${known}`,
      );
    }
    this.server = new URL(cluster.server);
    this.namespace = config.getContextObject(name)?.namespace ?? "default";
    this.#proxy = cluster.proxyUrl ? proxyAddress(cluster.proxyUrl, "proxy-url") : undefined;
    this.#config = config;
    // client-node's agents look names up that only the proxy knows; ours make the connections.
    Object.assign(cluster, { proxyUrl: undefined });
    // client-node refuses plain HTTP (as of `kubectl proxy`) unless this is set; a proxy's certificate is looked at.
    this.#isUnchecked = cluster.skipTLSVerify;
    if (this.server.protocol === "http:") Object.assign(cluster, { skipTLSVerify: true });
  }

  access(): Promise<Access> {
    // Requests that come together ask a credential program once.
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #ask(): Promise<Access> {
    const options: RequestOptions = { headers: {} };
    try {
      await this.#config.applyToHTTPSOptions(options);
    } catch (cause) {
      throw new ConfigurationError(`getting the credentials of context "${this.#config.getCurrentContext()}"`, {
        cause,
      });
    }
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(options.headers ?? {})) headers[name.toLowerCase()] = String(value);
    if (options.auth) headers.authorization = `Basic ${Buffer.from(options.auth).toString("base64")}`;
    this.#keepTls(options);
    return { headers, tls: this.#tls, ...(this.#proxy ? { proxy: this.#proxy } : {}) };
  }

  async refused(): Promise<boolean> {
    return false;
  }

  /** Takes over TLS options that differ, since connections are kept by the object's identity. */
  #keepTls({ ca, cert, key, servername }: RequestOptions): void {
    const next: TlsOptions = {};
    if (ca !== undefined) next.ca = ca;
    if (cert !== undefined) next.cert = cert;
    if (key !== undefined) next.key = key;
    if (servername !== undefined) next.servername = servername;
    if (this.#isUnchecked) next.rejectUnauthorized = false;
    if (!isDeepStrictEqual(next, this.#tls)) this.#tls = next;
  }
}
