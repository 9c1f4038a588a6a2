import { ConfigurationError } from "../client/errors.ts";
import { KubeconfigCredentials } from "../kubeconfig/credentials.ts";
import { isEmpty } from "../kubeconfig/entries.ts";
import type { StdinUser } from "../kubeconfig/exec.ts";
import { readKubeconfig } from "../kubeconfig/files.ts";
import { type Overrides, resolveContext } from "../kubeconfig/way.ts";
import type { Credentials } from "./credentials.ts";

export interface KubeconfigOptions {
  /** A file; the default is kubectl's: `$KUBECONFIG` (several files are merged), then `~/.kube/config`. */
  file?: string | undefined;
  /** The current context by default. */
  context?: string | undefined;
  /** Values that replace those in the files. */
  overrides?: Overrides | undefined;
  /** Whether a kubeconfig may turn off the check of the API server's certificate (`insecure-skip-tls-verify`). */
  mayBeInsecure?: boolean | undefined;
  /** The name of another reader of standard input, where the kubeconfig's program might ask. */
  stdinUser?: StdinUser | undefined;
}

/**
 * The credentials of a kubeconfig's context: client certificates, tokens, and programs and providers for them, with or
 * without a proxy. Throws ConfigurationError.
 */
export async function fromKubeconfig(options: KubeconfigOptions = {}): Promise<Credentials> {
  const credentials = await ifKubeconfig(options);
  if (credentials) return credentials;
  throw new ConfigurationError(
    process.env.KUBECONFIG
      ? `no kubeconfig: there is nothing in KUBECONFIG=${process.env.KUBECONFIG}`
      : "no kubeconfig: KUBECONFIG is not set and ~/.kube/config is not there",
  );
}

/** As `fromKubeconfig`; `undefined` when there is no kubeconfig and no override names a server. */
export async function ifKubeconfig({
  file,
  context,
  overrides,
  mayBeInsecure = true,
  stdinUser,
}: KubeconfigOptions): Promise<Credentials | undefined> {
  const config = await readKubeconfig(file);
  const said: Overrides = { context, ...overrides };
  if (isEmpty(config) && !said.server && !said.context && !said.cluster && !said.user) return undefined;
  const way = resolveContext(config, said);
  if (way.cluster.insecureSkipTlsVerify && !mayBeInsecure) {
    throw new ConfigurationError(
      `${way.cluster.server} has insecure-skip-tls-verify in the kubeconfig: a background program must verify its API server`,
    );
  }
  return KubeconfigCredentials.open(way, stdinUser);
}
