import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { isIPv6 } from "node:net";
import { join } from "node:path";
import { ConfigurationError } from "../client/errors.ts";
import { KubeconfigCredentials } from "../kubeconfig/credentials.ts";
import { type Overrides, overridden } from "../kubeconfig/way.ts";
import type { Credentials } from "./credentials.ts";

/** The folder of a pod's service account. */
const serviceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

export interface InClusterOptions {
  /** The folder with `token`, `ca.crt` and `namespace`. */
  folder?: string;
  env?: Readonly<Record<string, string | undefined>>;
}

/** Whether this process runs in a pod with a service account's environment. */
export function isInCluster(env: Readonly<Record<string, string | undefined>> = process.env): boolean {
  return Boolean(env.KUBERNETES_SERVICE_HOST && env.KUBERNETES_SERVICE_PORT);
}

/** As `isInCluster`, and the service account's token exists: a pod may have none. */
export function hasServiceAccount({ folder = serviceAccountFolder, env }: InClusterOptions = {}): boolean {
  return isInCluster(env) && existsSync(join(folder, "token"));
}

/** The credentials of the pod's service account, whose files change. Throws ConfigurationError outside of a pod. */
export async function inCluster(
  { folder = serviceAccountFolder, env = process.env }: InClusterOptions = {},
  overrides: Overrides = {},
): Promise<Credentials> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  if (!host || !port) {
    throw new ConfigurationError("not in a pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set");
  }
  try {
    const namespace = (await readFile(join(folder, "namespace"), "utf8")).trim() || "default";
    const server = `https://${isIPv6(host) ? `[${host}]` : host}:${port}`;
    const cluster = { server, certificateAuthority: join(folder, "ca.crt") };
    const user = { tokenFile: join(folder, "token") };
    return await KubeconfigCredentials.open(overridden({ cluster, user, namespace }, overrides));
  } catch (cause) {
    throw new ConfigurationError(`reading the service account in ${folder}`, { cause });
  }
}
