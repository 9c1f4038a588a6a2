import { fileURLToPath } from "node:url";
import { programs } from "../../deploy/bundle.ts";
import type { Cluster } from "./cluster.ts";
import { programArchive } from "./images/images.ts";
import { loadArchive } from "./node-images.ts";
import { placePlugin } from "./plugin.ts";
import type { Step } from "./progress.ts";

const manifests = fileURLToPath(new URL("../../deploy", import.meta.url));

/** Installs the add-on as users do, `kubectl apply -k deploy/`, with images made from this tree, and waits until it is ready. */
export async function install(cluster: Cluster, step: Step): Promise<void> {
  const nodes = await cluster.nodes();
  if (nodes.length === 0) throw new Error(`cluster ${cluster.name} is not there; start it with: npm run cluster -- up`);
  for (const program of Object.keys(programs) as (keyof typeof programs)[]) {
    await step.step(`image localhost/${program}`, async (making) => {
      const archive = await programArchive(making, program);
      making.update("loading it into the nodes");
      await Promise.all(nodes.map((node) => loadArchive(node, archive)));
    });
  }
  await step.step("kubectl virt", () => placePlugin(cluster));
  await step.step("manifests", () => cluster.kubectl(["apply", "--server-side", "--kustomize", manifests]));
  const parts = ["deployment/virt-controller", "daemonset/virt-node-daemon"];
  await step.step("controller and node daemons ready", async () => {
    // The images may have changed under their names.
    await cluster.kubectl(["rollout", "restart", ...parts, "--namespace=kubevirt"]);
    for (const part of parts) {
      await cluster.kubectl(["rollout", "status", part, "--namespace=kubevirt", "--timeout=120s"]);
    }
  });
}
