import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type AccelerationSetting, acceleration } from "./acceleration.ts";
import { attachBlockVolumes, blockVolumeManifests } from "./block-volumes.ts";
import type { BundleSpec } from "./bundle.ts";
import type { Cluster, Node } from "./cluster.ts";
import { bundlePaths, startControlPlane, startControlPlaneMachine } from "./control-plane.ts";
import { routePods } from "./fabric.ts";
import { imageArchive, imageNames } from "./images/images.ts";
import { lock } from "./lock.ts";
import { inotifyShortage, missing } from "./machine.ts";
import { startAgents, startMachine, startRuntimes } from "./node.ts";
import { loadImages } from "./node-images.ts";
import { holdProgram, nodeRoot } from "./node-root.ts";
import { placePlugin } from "./plugin.ts";
import { programs } from "./programs.ts";
import type { Step } from "./progress.ts";

const addonsFolder = fileURLToPath(new URL("addons", import.meta.url));

/** The desired state of a cluster. */
export interface UpOptions {
  /** The minimum number of nodes; a cluster with more keeps them. */
  nodes: number;
  /** How its guests run; `auto` by default. Does not change nodes that already run. */
  acceleration?: AccelerationSetting;
  /** Whether the API server keeps a log of all writes. Does not change one that already runs. */
  audit?: boolean;
}

/**
 * Brings a cluster from any state to one where its nodes are Ready, and its DNS and its libvirts answer. Keeps running
 * parts, and makes missing ones.
 */
export async function up(cluster: Cluster, options: UpOptions, step: Step): Promise<void> {
  const lack = await missing();
  if (lack) throw new Error(lack);
  await using _held = await lock(cluster.lockFile, () => step.update("waiting for another run"));

  const [programsFolder, root, hold] = await Promise.all([
    step.step("Kubernetes' programs", programs),
    step.step("Debian root folder of a machine", nodeRoot),
    step.step("first process of a machine", holdProgram),
  ]);
  for (const name of imageNames) await step.step(`image ${name}`, (making) => imageArchive(making, name));
  const guests = await step.step("acceleration of guests", (finding) =>
    acceleration(finding, options.acceleration ?? "auto"),
  );
  const spec: BundleSpec = { root, hold, kvm: guests === "kvm", binds: { [bundlePaths.programs]: programsFolder } };

  const present = await cluster.nodes();
  if ((await cluster.controlPlane.init()) === undefined) {
    const shortage = await inotifyShortage(Math.max(options.nodes, present.length));
    if (shortage) throw new Error(shortage);
  }
  const nodes = Array.from({ length: Math.max(options.nodes, present.length) }, (_, index) => cluster.node(index + 1));
  await step.step("machines and their network", async () => {
    await startControlPlaneMachine(cluster, spec);
    for (const node of nodes) await startMachine(cluster, node, spec);
    await routePods(cluster.controlPlane, nodes);
  });

  const controlPlane = startControlPlane(cluster, programsFolder, step, options);
  await Promise.all([
    controlPlane.then(() => step.step("DNS and storage", () => applyAddons(cluster, nodes))),
    controlPlane.then(() => step.step("kubectl virt", () => placePlugin(cluster))),
    ...nodes.map(async (node) => {
      await startRuntimes(node, step);
      const images = step.step(`${node.name}: images`, (loading) => loadImages(node, loading));
      await Promise.all([images, controlPlane.then(() => startAgents(node, step))]);
    }),
  ]);
  await step.step("nodes Ready", () =>
    cluster.kubectl(["wait", "node", "--all", "--for=condition=Ready", "--timeout=60s"]),
  );
  await step.step("CoreDNS Ready", () =>
    cluster.kubectl(["rollout", "status", "deployment/coredns", "--namespace=kube-system", "--timeout=120s"]),
  );
}

async function applyAddons(cluster: Cluster, nodes: readonly Node[]): Promise<void> {
  const devices = new Map<Node, string[]>();
  for (const node of nodes) devices.set(node, await attachBlockVolumes(node));
  const manifests = await Promise.all(
    ["coredns.yaml", "storage.yaml"].map((name) => readFile(join(addonsFolder, name), "utf8")),
  );
  const documents = [...manifests, ...blockVolumeManifests(devices).map((manifest) => JSON.stringify(manifest))];
  const input = documents.join("\n---\n");
  await cluster.kubectl(["apply", "--server-side", "--force-conflicts", "--filename=-"], { input });
}
