import { type Command, Option } from "commander";
import type { KubeClient } from "../../api/kube/client/client.ts";
import { type RunStrategy, runStrategies, runStrategyOf } from "../../api/status/virtual-machine-states.ts";
import type { Cli } from "../cli.ts";
import { examples, type Runner } from "../command.ts";
import type { CreateFlags } from "../create/create-flags.ts";
import { addMachineFlags, lifetime, machineFromFlags } from "../create/machine-flags.ts";
import { Failure } from "../failure.ts";
import { fileText } from "../flags/files.ts";
import { dryRunOption, outputOption, several, timeoutOption } from "../flags/values.ts";
import { type Manifest, readManifests } from "../manifest/read.ts";
import { type Target } from "../target/target.ts";

/** The flags that describe a new machine; they exclude --filename. */
const making = [
  "image",
  "imagePullPolicy",
  "memory",
  "cpus",
  "cloudInit",
  "sshKey",
  "runStrategy",
  "labels",
  "annotation",
  "disk",
  "pvc",
  "network",
  "nodeSelector",
  "expire",
] as const;

/** `kubectl virt create`. */
export function configure(command: Command, run: Runner): void {
  addMachineFlags(command)
    .usage("NAME --image IMAGE [flags]\n       kubectl virt create -f FILE [flags]")
    .argument("[name]", "the virtual machine's name")
    .addOption(
      new Option("--run-strategy <strategy>", "when the machine runs")
        .choices(runStrategies)
        .default("Always", "Always"),
    )
    .addOption(new Option("--expire <duration>", "delete the machine after this time, such as 2h").argParser(lifetime))
    .option("-f, --filename <file>", "create the objects of a manifest; - is standard input", several)
    .option("--wait", "until it runs, and show what is going on")
    .addOption(timeoutOption("how long to wait", "5m"))
    .addOption(outputOption("json", "name", "yaml"))
    .addOption(dryRunOption())
    .action(
      run(async (cli, flags: CreateFlags, [name]) => {
        await create(cli, flags, name, command);
      }),
    );
  examples(
    command,
    [
      "A machine with 2 CPUs and 1 GiB, and wait until it runs",
      "kubectl virt create web --image quay.io/containerdisks/debian:12 --cpus 2 --memory 1Gi --wait",
    ],
    [
      "Set up by cloud-init, with a key to log in with",
      "kubectl virt create web --image IMAGE --cloud-init user-data.yaml --ssh-key ~/.ssh/id_ed25519.pub",
    ],
    [
      "The manifest, to be kept and changed",
      "kubectl virt create web --image IMAGE --dry-run=client -o yaml > web.yaml",
    ],
    ["For a test; deleted after two hours, whatever happens", "kubectl virt create web --image IMAGE --expire 2h"],
    ["Out of a file", "kubectl virt create -f web.yaml"],
  );
}

async function create(cli: Cli, flags: CreateFlags, name: string | undefined, command: Command): Promise<void> {
  const manifests = flags.filename
    ? await fromFiles(cli, flags.filename, name, command)
    : [await fromFlags(cli, flags, name)];
  // A dynamic import here and below: the code that checks a manifest is large, and --help does not need it.
  const { createOne, printDraft } = await import("../create/create-one.ts");
  if (flags.dryRun === "client") {
    for (const manifest of manifests) await printDraft(cli, manifest, flags.output);
    return;
  }
  const client = await cli.client();
  const created: Manifest[] = [];
  for (const manifest of manifests) created.push(await createOne(cli, client, manifest, flags));
  if (flags.wait && flags.dryRun === "none") await waitFor(cli, client, created, flags.timeout);
}

async function fromFlags(cli: Cli, flags: CreateFlags, name: string | undefined): Promise<Manifest> {
  if (name === undefined) throw new Failure("a NAME is needed, or --filename");
  const { runStrategy, expire } = flags;
  return { ...(await machineFromFlags(cli, flags, name, { runStrategy, expire })), kind: "VirtualMachine" };
}

async function fromFiles(
  cli: Cli,
  files: readonly string[],
  name: string | undefined,
  command: Command,
): Promise<Manifest[]> {
  if (name !== undefined) throw new Failure(`a NAME ("${name}") and --filename exclude each other`);
  for (const flag of making) {
    if (command.getOptionValueSource(flag) === "cli") {
      const dashed = flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      throw new Failure(`--${dashed} and --filename exclude each other: the file says it all`);
    }
  }
  const manifests: Manifest[] = [];
  for (const file of files) manifests.push(...readManifests(await fileText(cli, file, "--filename"), file));
  return manifests;
}

/** Waits for the machines that start by themselves. */
async function waitFor(cli: Cli, client: KubeClient, created: readonly Manifest[], timeout: number): Promise<void> {
  const starting: Target[] = [];
  for (const one of created) {
    const { kind, metadata } = one;
    const { name = "", namespace } = metadata;
    const strategy = kind === "VirtualMachine" ? runStrategyOf(specOf(one)) : "Always";
    if (strategy === "Halted" || strategy === "Manual") {
      cli.say(`${name} is not started: its run strategy is ${strategy}`);
    } else starting.push({ kind, name, namespace });
  }
  if (starting.length === 0) return;
  const { waitForStart } = await import("../wait/start.ts");
  await waitForStart(cli, client, starting, timeout);
}

function specOf(object: object): { runStrategy?: RunStrategy; running?: boolean } {
  return "spec" in object && typeof object.spec === "object" && object.spec !== null ? object.spec : {};
}
