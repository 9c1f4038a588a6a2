import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { isIPv6 } from "node:net";
import { join } from "node:path";
import type { Access, Credentials } from "./credentials.ts";
import { ConfigurationError } from "./errors.ts";

/** Where a pod finds its service account. */
const serviceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

/** The kubelet replaces a token when 80 % of its hour is over, so a copy of this age in milliseconds is still good. */
const tokenAge = 60_000;

export interface InClusterOptions {
  /** The folder with `token`, `ca.crt` and `namespace`. */
  folder?: string;
  env?: Readonly<Record<string, string | undefined>>;
}

/** Whether this process runs in a pod with a service account's environment. */
export function isInCluster(env: Readonly<Record<string, string | undefined>> = process.env): boolean {
  return Boolean(env.KUBERNETES_SERVICE_HOST && env.KUBERNETES_SERVICE_PORT);
}

/** As `isInCluster`, and the service account's token is there: a pod may be without one. */
export function hasServiceAccount({ folder = serviceAccountFolder, env }: InClusterOptions = {}): boolean {
  return isInCluster(env) && existsSync(join(folder, "token"));
}

/** The credentials of the pod's service account. Throws ConfigurationError outside of a pod. */
export async function inCluster({
  folder = serviceAccountFolder,
  env = process.env,
}: InClusterOptions = {}): Promise<Credentials> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  if (!host || !port) {
    throw new ConfigurationError("not in a pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set");
  }
  const files = new ServiceAccountFiles(folder);
  await files.read();
  return {
    server: new URL(`https://${isIPv6(host) ? `[${host}]` : host}:${port}`),
    namespace: files.namespace,
    access: () => files.access(),
    refused: () => files.read(),
  };
}

/** The service account's files, read again as they rotate. */
class ServiceAccountFiles {
  readonly #folder: string;
  #token = "";
  #ca = "";
  #readAt = 0;
  #access: Access = { headers: {}, tls: {} };
  namespace = "default";

  constructor(folder: string) {
    this.#folder = folder;
  }

  async access(): Promise<Access> {
    if (performance.now() - this.#readAt > tokenAge) await this.read();
    return this.#access;
  }

  /** Reads the files; resolves to whether they changed. */
  async read(): Promise<boolean> {
    const [token, ca, namespace] = await Promise.all(
      ["token", "ca.crt", "namespace"].map((name) => readFile(join(this.#folder, name), "utf8")),
    ).catch((cause: unknown) => {
      throw new ConfigurationError(`reading the service account in ${this.#folder}`, { cause });
    });
    this.#readAt = performance.now();
    if (token === undefined || ca === undefined || (token === this.#token && ca === this.#ca)) return false;
    const tls = ca === this.#ca ? this.#access.tls : { ca };
    this.#access = { headers: { authorization: `Bearer ${token.trim()}` }, tls };
    this.#token = token;
    this.#ca = ca;
    this.namespace = namespace?.trim() || "default";
    return true;
  }
}
