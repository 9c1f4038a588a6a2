import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cluster, installDefinitions } from "../cluster.ts";
import type { ApiProxy } from "./api-proxy.ts";

const name = "virt-controller";
const namespace = "kubevirt";
const manifests = join(import.meta.dirname, "../../../deploy/manifests");

/** Installs the definitions of the kinds, and the controller's service account with its rights and no others, held to what it does, and the machines' finalizer. */
export async function install(): Promise<void> {
  await installDefinitions();
  for (const file of ["namespace", "program-roles", "controller-guard", "machine-finalizer"]) {
    await cluster.kubectl(["apply", "--server-side", "--force-conflicts", `--filename=${manifests}/${file}.yaml`]);
  }
}

/** Has a proxy be the controller's service account, writes a kubeconfig by which it is reached, and returns its path. */
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
