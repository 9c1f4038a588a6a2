import type { Command } from "commander";
import type { KubeClient } from "../../api/kube/client/client.ts";
import { ApiError } from "../../api/kube/client/errors.ts";
import { listAll } from "../../api/kube/client/list-all.ts";
import { type Event, events } from "../../api/kube/events.ts";
import { instances, machines, resourceOf } from "../../api/resources.ts";
import type { Cli } from "../cli.ts";
import { examples, type Runner } from "../command.ts";
import { type Described, description } from "../describe/description.ts";
import { ownEvents } from "../describe/own-events.ts";
import { errorText } from "../error-text.ts";
import { Ended } from "../failure.ts";
import { offOption, selectorOf } from "../flags/values.ts";
import { parseTargets, refuseSelector, type Target, type Targets } from "../target/target.ts";

interface DescribeFlags {
  selector?: string;
  events: boolean;
}

/** `kubectl virt describe`. */
export function configure(command: Command, run: Runner): void {
  command
    .usage("[NAME...] [flags]")
    .argument("[names...]", "NAME, vm/NAME[/NAMESPACE] or vmi/…; all virtual machines when nothing is named")
    .option("-l, --selector <labels>", "all with these labels")
    .addOption(offOption("--no-events", "leave the events out"))
    .action(run(describe));
  examples(command, ["All about a machine, its run and what happened to it", "kubectl virt describe web"]);
}

async function describe(cli: Cli, flags: DescribeFlags, args: readonly string[]): Promise<void> {
  const asked = parseTargets(args.length === 0 ? ["vm"] : args);
  const labelSelector = selectorOf(flags.selector);
  refuseSelector(asked, labelSelector);
  const client = await cli.client();
  const targets = asked.named.length > 0 ? asked.named : await allOf(cli, client, asked, labelSelector);
  if (targets.length === 0) cli.say(`No resources found in ${client.namespace} namespace.`);
  let failed = false;
  let first = true;
  for (const target of targets) {
    try {
      const text = await described(cli, client.within(target.namespace), target, flags.events);
      await cli.print(first ? text : `\n\n${text}`);
      first = false;
    } catch (error) {
      if (!(error instanceof ApiError) || !error.isNotFound) throw error;
      cli.say(errorText(error));
      failed = true;
    }
  }
  if (failed) throw new Ended(1);
}

async function allOf(
  { signal }: Cli,
  client: KubeClient,
  { kinds }: Targets,
  labelSelector: string | undefined,
): Promise<Target[]> {
  const selection = { namespace: client.namespace, labelSelector, signal };
  const found: Target[] = [];
  for (const kind of kinds) {
    const { items } = await listAll(client, resourceOf(kind), selection);
    found.push(...items.flatMap(({ metadata: { name } = {} }) => (name === undefined ? [] : { kind, name })));
  }
  return found;
}

async function described(cli: Cli, client: KubeClient, { kind, name }: Target, withEvents: boolean): Promise<string> {
  const call = { signal: cli.signal };
  const instance = client.get(instances, { name }, call);
  if (kind === "VirtualMachineInstance") {
    const alone = { instance: await instance };
    return description({ ...alone, events: withEvents ? await eventsOf(cli, client, name, alone) : undefined });
  }
  // A machine that does not run has no instance.
  const absent = instance.catch((error: unknown) => {
    if (error instanceof ApiError && error.isNotFound) return undefined;
    throw error;
  });
  const [machine, found] = await Promise.all([client.get(machines, { name }, call), absent]);
  const both = { machine, instance: found };
  return description({ ...both, events: withEvents ? await eventsOf(cli, client, name, both) : undefined });
}

/** Lists the events of machine and instance, which have the same name. The user may lack the right to list events. */
async function eventsOf(cli: Cli, client: KubeClient, name: string, of: Described): Promise<Event[] | "forbidden"> {
  const selection = { namespace: client.namespace, fieldSelector: `involvedObject.name=${name}`, signal: cli.signal };
  try {
    const { items } = await listAll(client, events, selection);
    return ownEvents(items, of);
  } catch (error) {
    if (error instanceof ApiError && error.isForbidden) return "forbidden";
    throw error;
  }
}
