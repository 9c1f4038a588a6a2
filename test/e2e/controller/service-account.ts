import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cluster, installDefinitions } from "../cluster.ts";
import type { ApiProxy } from "./api-proxy.ts";

const name = "virt-controller";
const namespace = "kubevirt";
const manifests = join(import.meta.dirname, "../../../deploy/manifests");

/**
 * Installs the definitions of the kinds, the controller's service account with exactly its rights, the policies that
 * limit it, and the policy of the machines' finalizer.
 */
export async function install(): Promise<void> {
  await installDefinitions();
  for (const file of ["namespace", "program-roles", "controller-guard", "expiry-guard", "machine-finalizer"]) {
    await cluster.kubectl(["apply", "--server-side", "--force-conflicts", `--filename=${manifests}/${file}.yaml`]);
  }
}

/** Gives a proxy the token of the controller's account, writes a kubeconfig for the proxy, and returns its path. */
export async function kubeconfigFor(proxy: ApiProxy): Promise<string> {
  proxy.token = (await cluster.kubectl(["create", "token", name, `--namespace=${namespace}`])).trim();
  const file = join(await mkdtemp(join(tmpdir(), "controller-")), "kubeconfig");
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "test", cluster: { server: proxy.url } }],
    contexts: [{ name: "test", context: { cluster: "test" } }],
    "current-context": "test",
  };
  await writeFile(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}
