import { Argument, Command, Option } from "commander";
import { Cluster } from "../cluster/cluster.ts";
import { down } from "../cluster/down.ts";
import { progress } from "../cluster/progress.ts";
import { type Bench, type BenchResult, machine } from "./measurement.ts";
import { benchTable } from "./table.ts";

const benches: Readonly<Record<string, () => Promise<{ bench: Bench }>>> = {
  api: () => import("./api.ts"),
  cluster: () => import("./cluster.ts"),
  console: () => import("./console.ts"),
  create: () => import("./create.ts"),
  libvirt: () => import("./libvirt.ts"),
  memory: () => import("./memory.ts"),
  neighbours: () => import("./neighbours.ts"),
  network: () => import("./network.ts"),
};

const program = new Command("bench")
  .description("Measure one thing on a cluster of its own, each figure against its floor in the same run")
  .addArgument(new Argument("<name>", "what to measure").choices(Object.keys(benches)))
  .addOption(new Option("-o, --output <format>", "output format").choices(["json"]))
  .showHelpAfterError("(see --help)")
  .action(async (name: string, { output }: { output?: "json" }) => {
    const load = benches[name];
    if (!load) throw new Error(`no measurement is called "${name}"`);
    const { bench } = await load();
    const cluster = new Cluster("bench");
    const step = progress({ quietBelow: 200 });
    try {
      const result: BenchResult = { name, machine: machine(), rows: await bench({ cluster, step }) };
      process.stdout.write(output === "json" ? `${JSON.stringify(result, null, 2)}\n` : benchTable(result));
    } finally {
      await down(cluster, step);
    }
  });

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
