import { type Command, Option } from "commander";
import { group } from "../../api/group.ts";
import { kinds as kindTable } from "../../api/kinds.ts";
import type { KubeClient } from "../../api/kube/client/client.ts";
import { ApiError } from "../../api/kube/client/errors.ts";
import { listAll } from "../../api/kube/client/list-all.ts";
import type { KubeObject } from "../../api/kube/resources/object.ts";
import { metadataOf } from "../../api/kube/resources/resource.ts";
import { instances, resourceOf } from "../../api/resources.ts";
import type { Cli } from "../cli.ts";
import { examples, type Runner } from "../command.ts";
import { errorText } from "../error-text.ts";
import { Ended, Failure } from "../failure.ts";
import { fileText } from "../flags/files.ts";
import { graceSeconds } from "../flags/grace-period.ts";
import {
  type DryRun,
  dryRunOption,
  offOption,
  outputOption,
  selectorOf,
  several,
  timeoutOption,
  wholeNumber,
} from "../flags/values.ts";
import { namespaceOf } from "../manifest/namespace.ts";
import { type Manifest, readManifests } from "../manifest/read.ts";
import { printedObject } from "../output/print-object.ts";
import { parseTargets, type Target } from "../target/target.ts";
import { waitForEnd } from "../wait/end.ts";

interface DeleteFlags {
  filename?: string[];
  selector?: string;
  all?: boolean;
  gracePeriod?: number;
  force?: boolean;
  ignoreNotFound?: boolean;
  wait: boolean;
  timeout: number;
  cascade: "background" | "foreground" | "orphan";
  dryRun: DryRun;
  output?: "name";
}

/** `kubectl virt delete`. */
export function configure(command: Command, run: Runner): void {
  command
    .usage("NAME... [flags]")
    .argument("[names...]", "virtual machines: NAME, vm/NAME[/NAMESPACE], vm NAME; or instances: vmi/…")
    .option("-f, --filename <file>", "the objects of a manifest; - is standard input", several)
    .option("-l, --selector <labels>", "all with these labels")
    .option("--all", "all of the namespace")
    .option(
      "--grace-period <seconds>",
      "how long the guest may take to shut down before it is stopped by force",
      wholeNumber(),
    )
    .option("--force", "stop by force at once, like --grace-period=0")
    .addOption(
      new Option("--cascade [how]", "how to treat a machine's instance; orphan keeps it running")
        .choices(["background", "foreground", "orphan"])
        .preset("background")
        .default("background"),
    )
    .option("--ignore-not-found", "do not fail if an object does not exist")
    .addOption(offOption("--no-wait", "do not wait until it is gone"))
    .addOption(timeoutOption("how long to wait", "0"))
    .addOption(outputOption("name"))
    .addOption(dryRunOption())
    .action(run(remove));
  examples(
    command,
    ["Delete a machine and wait until it is gone", "kubectl virt delete web"],
    ["Delete all machines of a group", "kubectl virt delete -l app=shop"],
  );
}

async function remove(cli: Cli, flags: DeleteFlags, args: readonly string[]): Promise<void> {
  const seconds = graceSeconds(flags);
  const client = await cli.client();
  const targets = await targetsOf(cli, client, flags, args);
  const going: (Target & { uid: string })[] = [];
  let failed = false;
  for (const target of targets) {
    try {
      const uid = await removeOne(cli, client, target, flags, seconds);
      if (uid !== undefined) going.push({ ...target, uid });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.isNotFound && flags.ignoreNotFound) continue;
      cli.say(errorText(error));
      failed = true;
    }
  }
  if (flags.wait && flags.dryRun === "none") await waitForEnd(cli, client, going, flags.timeout);
  if (failed) throw new Ended(1);
}

async function targetsOf(
  cli: Cli,
  client: KubeClient,
  { filename = [], selector, all }: DeleteFlags,
  args: readonly string[],
): Promise<readonly Target[]> {
  const { kinds, named } = parseTargets(args);
  const labelSelector = selectorOf(selector);
  const wholesale = labelSelector !== undefined || all === true;
  if (named.length > 0 && wholesale) throw new Failure("names and --selector or --all exclude each other");
  const inFiles: Target[] = [];
  for (const file of filename) {
    const manifests = readManifests(await fileText(cli, file, "--filename"), file);
    inFiles.push(...manifests.map((manifest) => targetOf(cli, client, manifest, file)));
  }
  if (!wholesale) {
    const targets = [...inFiles, ...named];
    if (targets.length === 0) throw new Failure("which virtual machine? Give a NAME, --filename, --selector or --all");
    return targets;
  }
  const found: Target[] = [];
  for (const kind of kinds.length > 0 ? kinds : (["VirtualMachine"] as const)) {
    const resource = resourceOf(kind);
    const selection = { namespace: client.namespace, labelSelector, signal: cli.signal };
    const { items } = await listAll(client, metadataOf(resource), selection);
    found.push(...items.map(({ metadata }) => ({ kind, name: metadata?.name ?? "" })));
  }
  if (found.length === 0) cli.say("No resources found");
  return [...inFiles, ...found];
}

function targetOf(cli: Cli, client: KubeClient, manifest: Manifest, file: string): Target {
  const { kind, metadata } = manifest;
  const { name } = metadata;
  // The server names such an object at its creation, as with generateName.
  if (!name) throw new Failure(`${file}: a ${kind} without metadata.name: name the object to delete`);
  return { kind, name, namespace: namespaceOf(cli, client, manifest) };
}

/** Deletes one object and resolves to its UID. */
async function removeOne(
  cli: Cli,
  client: KubeClient,
  { kind, name, namespace = client.namespace }: Target,
  { dryRun, cascade, output }: DeleteFlags,
  seconds: number | undefined,
): Promise<string | undefined> {
  const resource = resourceOf(kind);
  const object = await client.get(resource, { name, namespace }, { signal: cli.signal });
  const uid = object.metadata?.uid;
  // With orphan the guest keeps running, and its grace period stays.
  if (seconds !== undefined && dryRun === "none" && cascade !== "orphan") await giveGuest(cli, client, object, seconds);
  if (dryRun !== "client") {
    await client.delete(
      resource,
      { name, namespace },
      {
        signal: cli.signal,
        propagationPolicy: policies[cascade],
        dryRun: dryRun === "server",
        ...(uid === undefined ? {} : { preconditions: { uid } }),
      },
    );
  }
  const how = { none: "", client: " (dry run)", server: " (server dry run)" }[dryRun];
  await cli.print(
    output === "name"
      ? printedObject(object, kind, output)
      : `${kindTable[kind].singular}.${group.name} "${name}" deleted from ${namespace} namespace${how}`,
  );
  return uid;
}

/**
 * Sets the guest's grace period before the deletion of its object. It must stand in the instance: the API server
 * ignores the grace period of a DELETE, and sets 0 seconds for every custom resource.
 */
async function giveGuest(cli: Cli, client: KubeClient, { metadata }: KubeObject, seconds: number): Promise<void> {
  const { name = "", namespace = client.namespace, uid } = metadata ?? {};
  const ref = { name, namespace };
  const { signal } = cli;
  try {
    const instance = await client.get(instances, ref, { signal });
    // An instance of the same name that the machine does not own stays.
    const { uid: own, ownerReferences: owners = [] } = instance.metadata;
    if (own !== uid && !owners.some((owner) => owner.uid === uid)) return;
    await client.mergePatch(instances, ref, { spec: { terminationGracePeriodSeconds: seconds } }, { signal });
  } catch (error) {
    // Nothing runs.
    if (!(error instanceof ApiError) || !error.isNotFound) throw error;
  }
}

const policies = { background: "Background", foreground: "Foreground", orphan: "Orphan" } as const;
