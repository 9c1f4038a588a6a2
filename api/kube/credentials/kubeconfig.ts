import { ConfigurationError } from "../client/errors.ts";
import { WayCredentials } from "../kubeconfig/credentials.ts";
import { isEmpty } from "../kubeconfig/entries.ts";
import type { StdinUser } from "../kubeconfig/exec.ts";
import { readKubeconfig } from "../kubeconfig/files.ts";
import { type Overrides, wayOf } from "../kubeconfig/way.ts";
import type { Credentials } from "./credentials.ts";

export interface KubeconfigOptions {
  /** A file; by default what kubectl takes: `$KUBECONFIG` (several are merged), then `~/.kube/config`. */
  file?: string | undefined;
  /** The current context by default. */
  context?: string | undefined;
  /** What counts in place of that in the files. */
  overrides?: Overrides | undefined;
  /** Whether a kubeconfig may say that the API server's certificate is not checked (`insecure-skip-tls-verify`). */
  mayBeInsecure?: boolean | undefined;
  /** Who reads standard input, where the kubeconfig's program could ask. */
  stdinUser?: StdinUser | undefined;
}

/**
 * Credentials of a kubeconfig's context: client certificates, tokens, programs and providers of them, through a proxy or
 * not. Throws ConfigurationError.
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

/** As `fromKubeconfig`; `undefined` when there is no kubeconfig, and nobody says which server. */
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
  const way = wayOf(config, said);
  if (way.cluster.insecureSkipTlsVerify && !mayBeInsecure) {
    throw new ConfigurationError(
      `${way.cluster.server} has insecure-skip-tls-verify in the kubeconfig: a program that nobody watches checks its API server`,
    );
  }
  return WayCredentials.open(way, stdinUser);
}
