import { fileURLToPath } from "node:url";
import { KubeClient } from "../api/kube/client/client.ts";
import { fromKubeconfig } from "../api/kube/credentials/kubeconfig.ts";
import { kubevirtIn } from "../controller/kubevirt/presence.ts";
import { refusalOf } from "../controller/kubevirt/stand-aside.ts";
import { type Program, programs } from "../deploy/bundle.ts";
import type { Cluster } from "./cluster.ts";
import { endDevelopment } from "./dev/end.ts";
import { programArchive } from "./images/images.ts";
import { bringBack, workloads } from "./installed.ts";
import { archiveDigest, imagesOf, loadMissing } from "./node-images.ts";
import { placePlugin } from "./plugin.ts";
import type { Step } from "./progress.ts";

const manifests = fileURLToPath(new URL("../deploy", import.meta.url));

/** The images keep their name when their content changes. This annotation shows the content that a pod runs. */
const imageAnnotation = "kubectl-virt.local/image-digest";

/** Installs the add-on like users (`kubectl apply -k deploy/`), with images from this tree, and waits for it. */
export async function install(cluster: Cluster, step: Step): Promise<void> {
  const nodes = await cluster.nodes();
  if (nodes.length === 0) throw new Error(`cluster ${cluster.name} is not there; start it with: npm run cluster -- up`);
  await refuseBesideKubevirt(cluster);
  const digests = new Map<Program, string>();
  for (const program of Object.keys(programs) as Program[]) {
    await step.step(`image localhost/${program}`, async (making) => {
      const archive = await programArchive(making, program);
      making.update("loading it into the nodes");
      await Promise.all(
        nodes.map(async (node) => loadMissing(node, await imagesOf(node), `localhost/${program}:latest`, archive)),
      );
      digests.set(program, await archiveDigest(archive));
    });
  }
  await step.step("kubectl virt", () => placePlugin(cluster));
  await endDevelopment(cluster);
  // --force-conflicts: stepping aside for programs from the source tree has changed fields.
  const apply = ["apply", "--server-side", "--force-conflicts", "--kustomize", manifests];
  await step.step("manifests", () => cluster.kubectl(apply));
  await step.step("controller and node daemons ready", async () => {
    for (const [program, digest] of digests) await useImage(cluster, workloads[program], digest);
    await bringBack(cluster, ...digests.keys());
  });
}

/** Throws when the cluster has KubeVirt: applying would replace parts of it before the controller could refuse. */
async function refuseBesideKubevirt(cluster: Cluster): Promise<void> {
  const client = new KubeClient(await fromKubeconfig({ file: cluster.kubeconfig }), { userAgent: "install" });
  try {
    const found = await kubevirtIn(client, { namespace: "kubevirt", service: "virt-api" });
    if (found.length > 0) throw new Error(`nothing was installed in cluster ${cluster.name}. ${refusalOf(found)}`);
  } finally {
    client.close();
  }
}

/** Replaces the pods of a workload, unless they already run this image. */
async function useImage(cluster: Cluster, workload: string, digest: string): Promise<void> {
  const template = { metadata: { annotations: { [imageAnnotation]: digest } } };
  const patch = JSON.stringify({ spec: { template } });
  await cluster.kubectl(["patch", workload, "--namespace=kubevirt", "--type=merge", `--patch=${patch}`]);
}
