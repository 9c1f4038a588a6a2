import { chmod, copyFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { cached } from "./cache.ts";
import type { Cluster, Node } from "./cluster.ts";
import { until } from "./component.ts";
import { addresses, apiServerPort } from "./fabric.ts";
import { contentDigest } from "./images/recipe.ts";
import { kubeconfig } from "./kubeconfig.ts";
import type { Step } from "./progress.ts";

/** Stands again in `programs/multus/go.mod`. */
export const multusVersion = "4.2.3";

const goModule = fileURLToPath(new URL("programs/multus", import.meta.url));
const versionVariable = "gopkg.in/k8snetworkplumbingwg/multus-cni.v4/pkg/multus.version";

/** Files of a node. The container runtime takes the first configuration by name, and looks at each change. */
const paths = {
  program: "/usr/lib/cni/multus",
  kubeconfig: "/etc/kubernetes/multus.kubeconfig",
  podsNetwork: "/etc/cni/net.d/10-pods.conflist",
  configuration: "/etc/cni/net.d/00-multus.conf",
};

/** Its configuration around that of the pods' network. (Given by its path, Multus 4.2 forgets half of it until a pod ends.) */
const configuration = (podsNetwork: string): object => ({
  cniVersion: "1.0.0",
  name: "multus",
  type: "multus",
  kubeconfig: paths.kubeconfig,
  delegates: [JSON.parse(podsNetwork)],
  capabilities: { portMappings: true },
});

/** The folder with Multus's program, built from its Go module the first time. */
async function multusProgram(step: Step): Promise<string> {
  const inputs = [import.meta.filename, join(goModule, "go.mod"), join(goModule, "go.sum")];
  return cached(step, "multus", await contentDigest(inputs), async (folder) => {
    const flags = `-s -w -X ${versionVariable}=v${multusVersion}`;
    const env = { CGO_ENABLED: "0", GOFLAGS: "-mod=readonly", GOWORK: "off" };
    await execa("go", ["build", "-trimpath", "-ldflags", flags, "-o", folder, "tool"], { cwd: goModule, env });
  });
}

/**
 * Puts Multus before the pods' network of a node, as it is without a daemon of its own ("thin"). Pods that are there
 * already stay as they are. Each new pod of the node takes a few requests longer: it is no part of the cluster.
 */
export async function installMultus(cluster: Cluster, node: Node, step: Step): Promise<void> {
  const folder = await step.step("Multus", multusProgram);
  await cluster.kubectl(["apply", "--server-side", "--filename=-"], { input: objects.map(toText).join("\n---\n") });
  // kubectl takes one that nobody has looked at yet for an error.
  const established = ["wait", "crd", definitions, "--for=condition=Established", "--timeout=30s"];
  await until(
    () =>
      cluster.kubectl(established).then(
        () => true,
        () => false,
      ),
    30_000,
  );
  const { pki } = cluster;
  const pair = await pki.issue("multus", "ca", { commonName: user });
  const server = `https://${addresses.controlPlane}:${apiServerPort}`;
  const root = await node.bundle.rootFolder();
  await mkdir(dirname(root + paths.program), { recursive: true });
  await copyFile(join(folder, "multus"), root + paths.program);
  await chmod(root + paths.program, 0o755);
  const access = kubeconfig(cluster.name, server, await pki.authority("ca"), pair);
  await writeFile(root + paths.kubeconfig, access, { mode: 0o600 });
  const part = `${root}${paths.configuration}.part`;
  await writeFile(part, toText(configuration(await readFile(root + paths.podsNetwork, "utf8"))));
  await rename(part, root + paths.configuration);
}

/** Takes Multus away, and all networks that it knew. */
export async function removeMultus(cluster: Cluster, node: Node): Promise<void> {
  const root = await node.bundle.rootFolder();
  for (const path of [paths.configuration, paths.kubeconfig, paths.program]) await rm(root + path, { force: true });
  const input = objects.map(toText).join("\n---\n");
  await cluster.kubectl(["delete", "--ignore-not-found", "--filename=-"], { input });
}

const toText = (object: object): string => JSON.stringify(object);

const user = "multus";
const group = "k8s.cni.cncf.io";
const definitions = `network-attachment-definitions.${group}`;

/** The kind by which networks are known, and what Multus may do. */
const objects: readonly object[] = [
  {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: definitions },
    spec: {
      group,
      scope: "Namespaced",
      names: {
        plural: "network-attachment-definitions",
        singular: "network-attachment-definition",
        kind: "NetworkAttachmentDefinition",
        shortNames: ["net-attach-def"],
      },
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: "object",
              properties: { spec: { type: "object", properties: { config: { type: "string" } } } },
            },
          },
        },
      ],
    },
  },
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name: user },
    rules: [
      { apiGroups: [group], resources: ["*"], verbs: ["get", "list", "watch"] },
      { apiGroups: [""], resources: ["pods", "pods/status"], verbs: ["get", "list", "watch", "update"] },
      { apiGroups: ["", "events.k8s.io"], resources: ["events"], verbs: ["create", "patch", "update"] },
    ],
  },
  {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name: user },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: user },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: user }],
  },
];
