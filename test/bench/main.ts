import { Argument, Command, InvalidArgumentError, Option } from "commander";
import { Cluster } from "../../cluster/cluster.ts";
import { down } from "../../cluster/down.ts";
import { progress } from "../../cluster/progress.ts";
import { type Bench, type BenchResult, machine } from "./measurement.ts";
import { benchTable } from "./table.ts";

const benches: Readonly<Record<string, () => Promise<{ bench: Bench }>>> = {
  api: () => import("./api.ts"),
  cluster: () => import("./cluster.ts"),
  console: () => import("./console.ts"),
  create: () => import("./create.ts"),
  "fat-objects": () => import("./fat-objects.ts"),
  libvirt: () => import("./libvirt.ts"),
  memory: () => import("./memory.ts"),
  neighbours: () => import("./neighbours.ts"),
  network: () => import("./network.ts"),
};

const program = new Command("bench")
  .description("Measure one thing on a cluster of its own, each figure against its floor in the same run")
  .addArgument(new Argument("<name>", "what to measure").choices(Object.keys(benches)))
  .addOption(new Option("-o, --output <format>", "output format").choices(["json"]))
  .addOption(new Option("--count <number>", "how many there are, where that is left open").argParser(countOf))
  .showHelpAfterError("(see --help)")
  .action(async (name: string, { output, count }: { output?: "json"; count?: number }) => {
    const load = benches[name];
    if (!load) throw new Error(`no measurement is called "${name}"`);
    const { bench } = await load();
    const cluster = new Cluster("bench");
    const step = progress({ quietBelow: 200 });
    const context = { cluster, step, ...(count === undefined ? {} : { count }) };
    try {
      const result: BenchResult = { name, machine: machine(), rows: await bench(context) };
      process.stdout.write(output === "json" ? `${JSON.stringify(result, null, 2)}\n` : benchTable(result));
    } finally {
      await down(cluster, step);
    }
  });

function countOf(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError(`"${text}" is no whole number from 1 on`);
  return count;
}

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
