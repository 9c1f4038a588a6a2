import type { Command } from "commander";
import type { KubeClient } from "../../api/kube/client/client.ts";
import { listAll } from "../../api/kube/client/list-all.ts";
import type { KubeObject } from "../../api/kube/resources/object.ts";
import { resourceOf } from "../../api/resources.ts";
import type { Cli } from "../cli.ts";
import { examples, type Runner } from "../command.ts";
import { Ended, Failure } from "../failure.ts";
import { offOption, outputOption, selectorOf } from "../flags/values.ts";
import { type GetFlags, selectionOf, tell } from "../get/selection.ts";
import { getTables } from "../get/tables.ts";
import { watchObjects, watchTable } from "../get/watch.ts";
import { printedList, printedObject } from "../output/print-object.ts";
import type { TargetKind } from "../target/kind.ts";
import { parseTargets, refuseSelector, type Targets } from "../target/target.ts";

/** `kubectl virt get`. */
export function configure(command: Command, run: Runner): void {
  command
    .usage("[TYPE] [NAME...] [flags]")
    .argument(
      "[names...]",
      "vm (all of them when nothing is named), vmi, TYPE NAME, TYPE/NAME[/NAMESPACE] or names of VMs",
    )
    .addOption(outputOption("json", "name", "wide", "yaml"))
    .option("-A, --all-namespaces", "the objects of all namespaces")
    .option("-l, --selector <labels>", "only those with these labels, as app=web,tier!=test")
    .option("--field-selector <fields>", "only those with these fields, as metadata.name=web")
    .option("-w, --watch", "after the list, keep printing changes")
    .option("--watch-only", "print only what changes")
    .addOption(offOption("--no-headers", "print no line above the columns"))
    .option("--ignore-not-found", "do not fail if a name does not exist")
    .action(run(get));
  examples(
    command,
    ["The virtual machines of a namespace", "kubectl virt get -n shop"],
    ["The instances of all namespaces, with their nodes and addresses", "kubectl virt get vmi -A"],
    ["Follow one machine", "kubectl virt get vm/web --watch"],
    ["Only names, for a script", "kubectl virt get -l app=web -o name"],
  );
}

async function get(cli: Cli, flags: GetFlags, args: readonly string[]): Promise<void> {
  const targets = parseTargets(args.length === 0 ? ["vm"] : args);
  refuseSelector(targets, selectorOf(flags.selector), selectorOf(flags.fieldSelector));
  if (targets.named.length > 0 && flags.allNamespaces) {
    throw new Failure("a resource cannot be retrieved by name across all namespaces");
  }
  const client = await cli.client();
  if (flags.watch || flags.watchOnly) return watched(cli, client, flags, targets);
  const { output } = flags;
  if (output === undefined || output === "wide") return getTables(cli, client, flags, targets);
  await printObjects(cli, client, { ...flags, output }, targets);
}

async function watched(cli: Cli, client: KubeClient, flags: GetFlags, { kinds, named }: Targets): Promise<void> {
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1 || named.length > 1) {
    throw new Failure("--watch follows one kind, or one object, at a time");
  }
  const { name, namespace } = named[0] ?? {};
  const only = name && { fieldSelector: `metadata.name=${name}`, namespace: namespace ?? client.namespace };
  const selection = { ...selectionOf(client, flags), ...only };
  // A watch of a missing name would wait in silence.
  const resource = resourceOf(kind);
  if (name !== undefined && !flags.ignoreNotFound)
    await client.get(resource, { name, namespace }, { signal: cli.signal });
  const { output } = flags;
  if (output === undefined || output === "wide") await watchTable(cli, client, kind, selection, flags);
  else await watchObjects(cli, client, kind, selection, { ...flags, output });
}

type Found = readonly [TargetKind, KubeObject];

async function printObjects(
  cli: Cli,
  client: KubeClient,
  flags: GetFlags & { output: "json" | "yaml" | "name" },
  targets: Targets,
): Promise<void> {
  const { output } = flags;
  const { found, failed } = await fetchObjects(cli, client, flags, targets);
  if (output === "name") {
    for (const [kind, object] of found) await cli.print(printedObject(object, kind, output));
  } else {
    const [only] = found;
    if (only && targets.named.length === 1) await cli.print(printedObject(only[1], only[0], output));
    else if (targets.named.length === 0 || found.length > 0) {
      await cli.print(
        printedList(
          found.map(([, object]) => object),
          output,
        ),
      );
    }
  }
  if (failed) throw new Ended(1);
}

async function fetchObjects(
  cli: Cli,
  client: KubeClient,
  flags: GetFlags,
  { kinds, named }: Targets,
): Promise<{ found: Found[]; failed: boolean }> {
  const { signal } = cli;
  const found: Found[] = [];
  let failed = false;
  if (named.length === 0) {
    for (const kind of kinds) {
      const resource = resourceOf(kind);
      const list = await listAll(client, resource, { ...selectionOf(client, flags), signal });
      found.push(...list.items.map((object): Found => [kind, object]));
    }
  }
  for (const { kind, name, namespace } of named) {
    try {
      found.push([kind, await client.get(resourceOf(kind), { name, namespace }, { signal })]);
    } catch (error) {
      failed = tell(cli, error, flags) || failed;
    }
  }
  return { found, failed };
}
