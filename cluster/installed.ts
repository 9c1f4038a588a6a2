import { fileURLToPath } from "node:url";
import { components } from "../api/contract/constants.ts";
import { labels } from "../api/contract/labels.ts";
import type { Program } from "../deploy/bundle.ts";
import { manifests } from "../deploy/manifests.ts";
import type { Cluster } from "./cluster.ts";
import { endDevelopment } from "./dev/end.ts";

/** The workload of each program. */
export const workloads: Readonly<Record<Program, string>> = {
  "virt-controller": "deployment/virt-controller",
  "virt-node-daemon": "daemonset/virt-node-daemon",
};

const inNamespace = "--namespace=kubevirt";
const parts = Object.keys(workloads) as Program[];

/** The selector for the pods of each program. */
const selectors: Readonly<Record<Program, string>> = {
  "virt-controller": `${labels.app}=${components.controller}`,
  "virt-node-daemon": `${labels.app}=${components.daemon}`,
};

/** A label that no node has. */
const nowhere = "kubectl-virt.local/aside";

/** The manifests of the add-on's API services and admission policies, which work inside the API server. */
const registrations = [
  "aggregated-api",
  "machine-finalizer",
  "instance-guard",
  "placeholder-guard",
  "annotation-guard",
  "expiry-guard",
  "daemon-guard",
  "controller-guard",
] as const;

/** Whether a program is installed, running or not. */
export async function isInstalled(cluster: Cluster, program: Program): Promise<boolean> {
  const found = await cluster.kubectl(["get", workloads[program], inNamespace, "--ignore-not-found", "--output=name"]);
  return found !== "";
}

/** Ends an installed program, and waits until its last pod is gone. Does nothing when it is not installed. */
export async function endInstalled(cluster: Cluster, program: Program): Promise<void> {
  if (!(await isInstalled(cluster, program))) return;
  await setRunning(cluster, program, false);
  const selector = `--selector=${selectors[program]}`;
  await cluster.kubectl(["wait", "pod", selector, "--for=delete", inNamespace, "--timeout=60s"]);
}

/** Starts installed programs again after they were ended, and waits until they work. */
export async function bringBack(cluster: Cluster, ...programs: readonly Program[]): Promise<void> {
  for (const program of programs) await setRunning(cluster, program, true);
  for (const program of programs) {
    await cluster.kubectl(["rollout", "status", workloads[program], inNamespace, "--timeout=120s"]);
  }
}

/** Ends the installed add-on, and programs from the source tree that already run, to make room for new ones. */
export async function stopInstalled(cluster: Cluster): Promise<void> {
  await endDevelopment(cluster);
  await endAllInstalled(cluster);
}

/** Ends all installed programs, so that nothing in the cluster waits for them. */
export async function endAllInstalled(cluster: Cluster): Promise<void> {
  await unregister(cluster);
  for (const program of parts) await endInstalled(cluster, program);
}

/** Starts the installed add-on again, if there is one. Returns whether there is one. */
export async function restoreInstalled(cluster: Cluster): Promise<boolean> {
  const installed: Program[] = [];
  for (const program of parts) if (await isInstalled(cluster, program)) installed.push(program);
  if (installed.includes("virt-controller")) await register(cluster);
  await bringBack(cluster, ...installed);
  return installed.length > 0;
}

/** Registers the add-on's API services and its admission policies (finalizers, guards, programs' rights). */
export async function register(cluster: Cluster): Promise<void> {
  const folder = fileURLToPath(new URL("../deploy/manifests", import.meta.url));
  const files = registrations.map((name) => `--filename=${folder}/${name}.yaml`);
  await cluster.kubectl(["apply", "--server-side", "--force-conflicts", ...files]);
}

/**
 * Reverses `register`. While no server answers for an API group, the whole cluster can delete no namespace; while
 * nobody removes finalizers, it can delete no machine. Also, a test in the role of a program may then do what it needs.
 */
export async function unregister(cluster: Cluster): Promise<void> {
  const objects = registrations
    .flatMap((name) => manifests[name] ?? [])
    // A policy without its binding has no effect; the Service stays.
    .filter(({ kind }) => kind === "APIService" || kind.endsWith("Binding"))
    .map(({ kind, metadata: { name } }) => `${kind.toLowerCase()}/${name}`);
  await cluster.kubectl(["delete", ...objects, "--ignore-not-found"]);
}

async function setRunning(cluster: Cluster, program: Program, runs: boolean): Promise<void> {
  const template = { spec: { nodeSelector: { [nowhere]: runs ? null : "yes" } } };
  const spec = program === "virt-controller" ? { replicas: runs ? 1 : 0 } : { template };
  await cluster.kubectl(["patch", workloads[program], inNamespace, `--patch=${JSON.stringify({ spec })}`]);
}
