import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { manifests } from "../../deploy/manifests.ts";
import type { Cluster } from "../cluster.ts";
import { restoreInstalled, stopInstalled, unregister } from "../installed.ts";
import { placePlugin } from "../plugin.ts";
import type { Step } from "../progress.ts";
import { onChanges } from "./changes.ts";
import { endDevelopment } from "./end.ts";
import { follow } from "./follow.ts";
import { logLine } from "./log-line.ts";
import { type SourceProgram, sourceController, sourceDaemon, tlsFolder } from "./source-program.ts";
import { standIns } from "./stand-ins.ts";

const manifestFolder = join(import.meta.dirname, "../../deploy/manifests");

/** The add-on's manifests, without those of its pods. */
const installed = Object.keys(manifests).filter((name) => name !== "controller" && name !== "node-daemon");

/** The folders of each program's code. */
const sources: Readonly<Record<SourceProgram["program"], readonly string[]>> = {
  "virt-controller": ["api", "controller"],
  "virt-node-daemon": ["api", "node-daemon", "node-libvirt/src"],
};

/** Milliseconds between checks whether the programs run. */
const lookEvery = 2000;

/**
 * The development mode: runs the controller and every node's daemon from the source tree in a cluster. It restarts them
 * when their sources change, and shows their logs. When the signal is aborted, it restores the cluster.
 */
export async function dev(cluster: Cluster, logLevel: string, step: Step, signal: AbortSignal): Promise<void> {
  const controller = sourceController(cluster, logLevel);
  const nodes = await cluster.nodes();
  const daemons = nodes.map((node) => sourceDaemon(cluster, node, logLevel));
  const nameOf = (program: SourceProgram): string =>
    program === controller ? "controller" : `daemon ${program.machine.name}`;
  const say = (text: string): void => void process.stdout.write(`${text}\n`);
  try {
    await step.step("what is installed steps aside", () => stopInstalled(cluster));
    await step.step("definitions, roles and stand-ins", () => applyAll(cluster));
    await step.step("kubectl virt", () => placePlugin(cluster));
    for (const program of [controller, ...daemons]) {
      await mkdir(dirname(program.logFile), { recursive: true });
      await follow(program.logFile, (line) => say(logLine(nameOf(program), line)), signal);
    }
    await step.step("controller", async () => {
      await controller.install();
      await controller.start();
    });
    await step.step("node daemons", async () => {
      const tls = await daemonTls(cluster);
      await Promise.all(daemons.map((daemon) => daemon.install(tls).then(() => daemon.start())));
    });
    say("Both run from the source tree; a change in it starts them anew. ^C ends this and gives the cluster back.");
    await runOn(cluster, [controller, ...daemons], { say, nameOf }, signal);
  } catch (error) {
    // An error caused by ^C is not a failure.
    if (!signal.aborted) throw error;
  } finally {
    await step.step("programs end", () => endDevelopment(cluster));
    await step.step("the cluster is given back", async () => {
      if (!(await restoreInstalled(cluster))) await unregister(cluster);
    });
  }
}

interface Voice {
  readonly say: (text: string) => void;
  readonly nameOf: (program: SourceProgram) => string;
}

/** Restarts programs when their sources change, and reports a program that has ended by itself. */
async function runOn(
  cluster: Cluster,
  programs: readonly SourceProgram[],
  { say, nameOf }: Voice,
  signal: AbortSignal,
): Promise<void> {
  let work: Promise<void> = Promise.resolve();
  const down = new Set<SourceProgram>();
  const changed = async (files: readonly string[]): Promise<void> => {
    if (signal.aborted) return;
    say(`── ${files.join(", ")}`);
    if (files.some((file) => file.startsWith("deploy/manifests/"))) await applyAll(cluster);
    if (files.some((file) => /^(api|cli)\//.test(file))) await placePlugin(cluster);
    const concerned = programs.filter(({ program }) =>
      files.some((file) => sources[program].some((folder) => file.startsWith(`${folder}/`))),
    );
    await Promise.all(
      concerned.map(async (program) => {
        const since = performance.now();
        await program.build();
        await program.kill("SIGTERM");
        await program.start();
        down.delete(program);
        say(`── ${nameOf(program)} runs anew after ${((performance.now() - since) / 1000).toFixed(1)} s`);
      }),
    );
  };
  const folders = new Set([...Object.values(sources).flat(), "cli", "deploy/manifests"]);
  onChanges(
    [...folders],
    (files) => {
      work = work.then(() => changed(files)).catch((error: unknown) => say(`── ${messageOf(error)}`));
    },
    signal,
  );
  while (!signal.aborted) {
    await delay(lookEvery, undefined, { signal }).catch(() => {});
    await work;
    for (const program of signal.aborted ? [] : programs) {
      if (down.has(program) || (await program.isRunning())) continue;
      down.add(program);
      say(`── ${nameOf(program)} has ended; a change of its sources starts it anew`);
    }
  }
  await work;
}

async function applyAll(cluster: Cluster): Promise<void> {
  const files = ["crds", ...installed.map((name) => `${name}.yaml`)].map(
    (name) => `--filename=${join(manifestFolder, name)}`,
  );
  await cluster.kubectl(["apply", "--server-side", "--force-conflicts", ...files]);
  const input = standIns()
    .map((object) => JSON.stringify(object))
    .join("\n---\n");
  await cluster.kubectl(["apply", "--server-side", "--force-conflicts", "--filename=-"], { input });
}

/** The daemons' TLS files, from the Secret that the controller has made. */
async function daemonTls(cluster: Cluster): Promise<Record<string, string>> {
  const secret = ["secret", "virt-node-daemon-tls", "--namespace=kubevirt"];
  await cluster.kubectl(["wait", ...secret, "--for=create", "--timeout=60s"]);
  const { data }: { data: Record<string, string> } = JSON.parse(
    await cluster.kubectl(["get", ...secret, "--output=json"]),
  );
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [`${tlsFolder}/${name}`, Buffer.from(value, "base64").toString()]),
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
