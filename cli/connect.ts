import { KubeClient } from "../api/kube/client/client.ts";
import { ConfigurationError } from "../api/kube/client/errors.ts";
import { loadCredentials } from "../api/kube/credentials/load.ts";
import type { StdinUser } from "../api/kube/kubeconfig/exec.ts";
import { version } from "../api/version.ts";
import { timerDelay } from "./flags/duration.ts";
import type { GlobalFlags } from "./flags/global-flags.ts";

/** Makes a client with the kubeconfig's credentials and the changes that the flags make to them. */
export async function connect(
  flags: GlobalFlags,
  onWarning: (text: string) => void,
  stdinUser?: StdinUser,
): Promise<KubeClient> {
  const { kubeconfig: file, context, requestTimeout, asGroup: asGroups, asUserExtra, ...overrides } = flags;
  const credentials = await loadCredentials({
    file,
    context,
    kubeconfigFirst: true,
    stdinUser,
    overrides: { ...overrides, asGroups, ...(asUserExtra ? { asUserExtra: extraOf(asUserExtra) } : {}) },
  });
  return new KubeClient(credentials, {
    userAgent: `kubectl-virt/${version}`,
    fieldManager: "kubectl-virt",
    onWarning,
    ...(requestTimeout === undefined ? {} : { timeLimit: timerDelay(requestTimeout || Number.POSITIVE_INFINITY) }),
  });
}

/** Groups the values of `NAME=VALUE` by name. */
function extraOf(pairs: readonly string[]): Record<string, string[]> {
  const extra: Record<string, string[]> = {};
  for (const pair of pairs) {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
    if (name === undefined || value === undefined) {
      throw new ConfigurationError(`invalid argument "${pair}" for "--as-user-extra" flag: it must be NAME=VALUE`);
    }
    (extra[name] ??= []).push(value);
  }
  return extra;
}
