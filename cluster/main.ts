import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { Command, InvalidArgumentError, Option } from "commander";
import { accelerationSettings } from "./acceleration.ts";
import { Cluster, type Node } from "./cluster.ts";
import { logFile } from "./component.ts";
import { dev } from "./dev/dev.ts";
import { down } from "./down.ts";
import { exists } from "./exists.ts";
import { install } from "./install.ts";
import { loadArchive } from "./node-images.ts";
import { progress } from "./progress.ts";
import { status } from "./status.ts";
import { statusTable } from "./status-table.ts";
import { type UpOptions, up } from "./up.ts";

const program = new Command("cluster")
  .description("A real Kubernetes with libvirt on this one machine, for trying, testing and measuring")
  .enablePositionalOptions()
  .showHelpAfterError("(see --help)");

interface Named {
  name: string;
}

const nameOption = (): Option => new Option("--name <name>", "the cluster's name").default("virt").env("CLUSTER_NAME");

const command = (usage: string, description: string): Command =>
  program.command(usage).description(description).addOption(nameOption());

command("up", "start the cluster, or mend it")
  .option("--nodes <count>", "how many nodes it has; more are added to one that runs", nodeCount, 1)
  .addOption(
    new Option("--acceleration <how>", "how guests run; auto tries KVM once and remembers whether it works")
      .choices(accelerationSettings)
      .default("auto")
      .env("CLUSTER_ACCELERATION"),
  )
  .action(async ({ name, ...options }: Named & UpOptions) => {
    const cluster = new Cluster(name);
    const root = progress({ quietBelow: 100 });
    await root.step(`cluster ${name} up`, (step) => up(cluster, options, step));
    process.stderr.write(`To use it: eval "$(npm run -s cluster -- env${name === "virt" ? "" : ` --name ${name}`})"\n`);
  });

command("install", "install the add-on, made from this tree, in the cluster").action(async ({ name }: Named) => {
  await progress({ quietBelow: 100 }).step(`add-on in cluster ${name}`, (step) => install(new Cluster(name), step));
});

command("dev", "run the add-on from the source tree in the cluster, anew at each change, until ^C")
  .option("--nodes <count>", "how many nodes a cluster has that is not there yet", nodeCount, 1)
  .addOption(
    new Option("--log-level <level>", "what the programs log").choices(["debug", "info", "warn"]).default("info"),
  )
  .action(async ({ name, nodes, logLevel }: Named & { nodes: number; logLevel: string }) => {
    const cluster = new Cluster(name);
    const stop = new AbortController();
    // A second signal ends the process at once.
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
    const root = progress({ live: false, quietBelow: 500 });
    await root.step(`cluster ${name} up`, (step) => up(cluster, { nodes }, step));
    await dev(cluster, logLevel, root, stop.signal);
  });

command("down", "end the cluster and remove all that it left").action(async ({ name }: Named) => {
  const cluster = new Cluster(name);
  await progress({ quietBelow: 100 }).step(`cluster ${name} down`, (step) => down(cluster, step));
  process.stderr.write(`Cluster ${name} is gone: no process, mount, namespace, cgroup, link or rule of it is left.\n`);
});

command("status", "show the cluster's parts, their versions and memory")
  .addOption(new Option("-o, --output <format>", "output format").choices(["json"]))
  .action(async ({ name, output }: Named & { output?: "json" }) => {
    const found = await status(new Cluster(name));
    process.stdout.write(output === "json" ? `${JSON.stringify(found, null, 2)}\n` : statusTable(found));
  });

command("logs <component>", "print the log of a component, such as kube-apiserver, kubelet or libvirtd")
  .option("--node <name>", "the node it runs on, when there are several")
  .option("-f, --follow", "go on printing as it grows")
  .action(async (component: string, { name, node, follow }: Named & { node?: string; follow?: boolean }) => {
    const file = await findLog(new Cluster(name), component, node);
    await inherit(["tail", "-n", "+1", ...(follow ? ["-F"] : []), file]);
  });

command("env", "print the shell commands that make kubectl use the cluster").action(({ name }: Named) => {
  const { kubeconfig, binFolder } = new Cluster(name);
  process.stdout.write(`export KUBECONFIG='${kubeconfig}' PATH='${binFolder}':"$PATH"\n`);
});

command("load <archive>", "load an image archive (OCI or docker) into every node").action(
  async (archive: string, { name }: Named) => {
    if (!(await exists(archive))) throw new Error(`image archive "${archive}" not found`);
    const nodes = await runningNodes(new Cluster(name));
    const root = progress({ quietBelow: 100 });
    await Promise.all(nodes.map((node) => root.step(`${node.name}: ${archive}`, () => loadArchive(node, archive))));
  },
);

command("node <node> <command...>", "run a command in a node, as root")
  .passThroughOptions()
  .action(async (nodeName: string, args: string[], { name }: Named) => {
    const cluster = new Cluster(name);
    const names = [cluster.controlPlane.name, ...(await cluster.nodes()).map((node) => node.name)];
    if (!names.includes(nodeName)) throw new Error(`node "${nodeName}" not found; there are: ${names.join(", ")}`);
    await inherit(await cluster.bundle(nodeName).enter(args[0] === "--" ? args.slice(1) : args));
  });

function nodeCount(value: string): number {
  const count = Number(value);
  if (!Number.isInteger(count) || count < 1 || count > 99) throw new InvalidArgumentError("use a number from 1 to 99.");
  return count;
}

async function runningNodes(cluster: Cluster): Promise<Node[]> {
  const nodes = await cluster.nodes();
  if (nodes.length === 0) throw new Error(`cluster ${cluster.name} is not there; start it with: npm run cluster -- up`);
  return nodes;
}

async function findLog(cluster: Cluster, component: string, node: string | undefined): Promise<string> {
  const bundles = node
    ? [cluster.bundle(node)]
    : [cluster.controlPlane, ...(await cluster.nodes()).map(({ bundle }) => bundle)];
  for (const bundle of bundles) {
    const file = logFile(bundle, component);
    if (await exists(file)) return file;
  }
  throw new Error(`no log of "${component}"${node ? ` on ${node}` : ""} in cluster ${cluster.name}`);
}

/** Runs a program on this terminal and ends with its exit code. */
async function inherit([file = "", ...args]: readonly string[]): Promise<void> {
  const child = spawn(file, args, { stdio: "inherit" });
  await once(child, "exit");
  process.exitCode = child.exitCode ?? 128 + constants.signals[child.signalCode ?? "SIGTERM"];
}

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
