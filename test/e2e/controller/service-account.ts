import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { controllerClusterRules, controllerNamespaceRules } from "../../../controller/rbac.ts";
import { cluster } from "../cluster.ts";

const name = "virt-controller";
const namespace = "kubevirt";
const crds = join(import.meta.dirname, "../../../deploy/manifests/crds");

/** Installs the definitions of the kinds, and a service account with the controller's rights and no others. */
export async function install(): Promise<void> {
  await cluster.kubectl(["apply", `--filename=${crds}`]);
  const rbac = "rbac.authorization.k8s.io/v1";
  const subjects = [{ kind: "ServiceAccount", name, namespace }];
  const roleRef = (kind: string) => ({ apiGroup: "rbac.authorization.k8s.io", kind, name });
  const manifests = [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace } },
    { apiVersion: rbac, kind: "ClusterRole", metadata: { name }, rules: controllerClusterRules },
    { apiVersion: rbac, kind: "ClusterRoleBinding", metadata: { name }, subjects, roleRef: roleRef("ClusterRole") },
    { apiVersion: rbac, kind: "Role", metadata: { name, namespace }, rules: controllerNamespaceRules },
    { apiVersion: rbac, kind: "RoleBinding", metadata: { name, namespace }, subjects, roleRef: roleRef("Role") },
  ];
  const input = manifests.map((manifest) => JSON.stringify(manifest)).join("\n---\n");
  await cluster.kubectl(["apply", "--filename=-"], { input });
  await cluster.kubectl(["wait", "--for=condition=Established", "crd", "--all", "--timeout=60s"]);
}

/** Writes a kubeconfig of the controller's service account, for an API server at a URL, and returns its path. */
export async function kubeconfigFor(server: string): Promise<string> {
  const token = await cluster.kubectl(["create", "token", name, `--namespace=${namespace}`]);
  const file = join(await mkdtemp(join(tmpdir(), "controller-")), "kubeconfig");
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "test", cluster: { server } }],
    users: [{ name: "test", user: { token } }],
    contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
    "current-context": "test",
  };
  await writeFile(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}
