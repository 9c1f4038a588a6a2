import type { Command } from "commander";
import type { KubeClient } from "../../api/kube/client/client.ts";
import { listAll } from "../../api/kube/client/list-all.ts";
import type { KubeObject } from "../../api/kube/resources/object.ts";
import { metadataOf } from "../../api/kube/resources/resource.ts";
import { instances, machines } from "../../api/resources.ts";
import {
  type InstanceSubresource,
  instancePath,
  type MachineSubresource,
  machinePath,
} from "../../api/sub-resources.ts";
import type { Cli } from "../cli.ts";
import type { Runner } from "../command.ts";
import { errorText } from "../error-text.ts";
import { Ended, Failure } from "../failure.ts";
import { type DryRun, dryRunOption, outputOption, selectorOf } from "../flags/values.ts";
import { fullName } from "../target/kind.ts";
import { parseTargets, type Target } from "../target/target.ts";

/** The flags of all commands that change how machines run. */
export interface ChangeFlags {
  dryRun: DryRun;
  output?: "name";
  selector?: string;
  all?: boolean;
}

/** A change of how a machine runs; the command sends it as a PUT. */
export interface Change<O extends ChangeFlags> {
  /** The sub-resource of the machine, or of its instance. */
  readonly subresource:
    | (MachineSubresource & ("start" | "stop" | "restart"))
    | (InstanceSubresource & ("pause" | "unpause"));
  /** The word to print on success, such as `started`. */
  readonly done: string;
  /** Makes the request's body; throws Failure for flags that contradict each other. */
  body(flags: O): Readonly<Record<string, unknown>>;
  /** Runs after the server has accepted the change, for the machines that it accepted it for. */
  after?(cli: Cli, client: KubeClient, changed: readonly Target[], flags: O): Promise<void>;
}

const resources = { VirtualMachine: machines, VirtualMachineInstance: instances } as const;

/** Gives a command the arguments and flags that all changes have. */
export function changes<O extends ChangeFlags>(command: Command, run: Runner, change: Change<O>): Command {
  const { subresource } = change;
  return command
    .usage("NAME... [flags]")
    .argument("[names...]", "virtual machines: NAME, vm/NAME[/NAMESPACE] or vm NAME")
    .option("-l, --selector <labels>", "all virtual machines with these labels")
    .option("--all", "all virtual machines of the namespace")
    .addOption(outputOption("name"))
    .addOption(dryRunOption())
    .action(
      run(async (cli, flags: O, args: readonly string[]) => {
        // Before any request: wrong flags are wrong for every machine, and in a dry run.
        const body = change.body(flags);
        const client = await cli.client();
        let failed = false;
        const changed: Target[] = [];
        for (const target of await targetsOf(cli, client, flags, args, subresource)) {
          try {
            await ask(cli, client, target, flags, change, body);
            changed.push(target);
          } catch (error) {
            if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "number") throw error;
            cli.say(errorText(error));
            failed = true;
          }
        }
        if (flags.dryRun === "none") await change.after?.(cli, client, changed, flags);
        if (failed) throw new Ended(1);
      }),
    );
}

async function targetsOf(
  cli: Cli,
  client: KubeClient,
  { selector, all }: ChangeFlags,
  args: readonly string[],
  verb: string,
): Promise<readonly Target[]> {
  const { kinds, named } = parseTargets(args);
  const ofInstances = kinds.includes("VirtualMachineInstance");
  if (ofInstances && verb !== "pause" && verb !== "unpause") {
    const stray = named.find(({ kind }) => kind === "VirtualMachineInstance");
    const own = stray && [stray.name, ...(stray.namespace === undefined ? [] : [stray.namespace])].join("/");
    const [given, meant] = own === undefined ? [args.join(" "), "vm"] : [`vmi/${own}`, `vm/${own}`];
    throw new Failure(`cannot ${verb} ${given}: only a virtual machine can be; did you mean ${meant}?`);
  }
  const labelSelector = selectorOf(selector);
  const wholesale = labelSelector !== undefined || all === true;
  if (named.length > 0 && wholesale) throw new Failure("names and --selector or --all exclude each other");
  if (named.length > 0) return named;
  if (!wholesale) throw new Failure(`which virtual machine? Give a NAME, --selector or --all`);
  // An instance may exist without a machine.
  const kind = ofInstances ? "VirtualMachineInstance" : "VirtualMachine";
  const { items } = await listAll(client, metadataOf(resources[kind]), {
    namespace: client.namespace,
    labelSelector,
    signal: cli.signal,
  });
  if (items.length === 0) cli.say(`No resources found in ${client.namespace} namespace.`);
  return items.flatMap(({ metadata }) => (metadata?.name === undefined ? [] : [{ kind, name: metadata.name }]));
}

async function ask<O extends ChangeFlags>(
  cli: Cli,
  client: KubeClient,
  { kind, name, namespace = client.namespace }: Target,
  flags: O,
  { subresource, done }: Change<O>,
  body: Readonly<Record<string, unknown>>,
): Promise<void> {
  const object = { namespace, name };
  const onInstance = subresource === "pause" || subresource === "unpause";
  const path = onInstance ? instancePath(object, subresource) : machinePath(object, subresource);
  if (flags.dryRun === "client") {
    // A client dry run changes nothing, but still reports a name that does not exist.
    await client.get<KubeObject>(resources[kind], object, { signal: cli.signal });
  } else {
    await client.raw("PUT", path, {
      signal: cli.signal,
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...body, ...(flags.dryRun === "server" ? { dryRun: ["All"] } : {}) }),
    });
  }
  const printed = fullName(kind, name);
  const how = { none: "", client: " (dry run)", server: " (server dry run)" }[flags.dryRun];
  await cli.print(flags.output === "name" ? printed : `${printed} ${done}${how}`);
}
