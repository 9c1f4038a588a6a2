import { Command, type Option } from "commander";
import { listAll } from "../api/kube/client/list-all.ts";
import type { KubeObject } from "../api/kube/resources/object.ts";
import { metadataOf, type Resource } from "../api/kube/resources/resource.ts";
import { resourceOf } from "../api/resources.ts";
import { Cli } from "./cli.ts";
import { globalOptions } from "./flags/global-flags.ts";
import { type Parsed, parseFlags } from "./flags/pflag.ts";
import { type Io, write } from "./io.ts";
import { commands, configureCommand } from "./program.ts";
import { kindOfWord, type TargetKind } from "./target/kind.ts";

/** Numbers of cobra's completion scripts: whether the shell also offers files. */
const directives = { files: 0, nothing: 4 } as const;

interface Completion {
  /** Each may have a description after a tab. */
  readonly candidates: readonly string[];
  readonly directive: number;
}

const namespaces: Resource<KubeObject> = {
  group: "",
  version: "v1",
  plural: "namespaces",
  kind: "Namespace",
  namespaced: false,
};

/** Commands whose arguments name no machines. */
const nameless: readonly string[] = ["create", "version", "options"];
/** Commands that take a kind before names. */
const typed: readonly string[] = ["get", "describe", "delete"];

/**
 * Prints the candidates for the last word, which may be empty. kubectl's shell completion runs
 * `kubectl_complete-virt` for this. After any error there are no candidates.
 */
export async function complete(words: readonly string[], io: Io, signal: AbortSignal): Promise<void> {
  const { candidates, directive } = await completion(words, io, signal).catch(() => nothing);
  const last = words.at(-1) ?? "";
  const lines = candidates.filter((candidate) => candidate.startsWith(last));
  await write(io.stdout, [...lines, `:${directive}\n`].join("\n"));
}

const nothing: Completion = { candidates: [], directive: directives.nothing };
const offer = (candidates: readonly string[]): Completion => ({ candidates, directive: directives.nothing });

async function completion(words: readonly string[], io: Io, signal: AbortSignal): Promise<Completion> {
  const last = words.at(-1) ?? "";
  const name = commands.find((command) => words.slice(0, -1).includes(command.name))?.name;
  const command = new Command(name ?? "kubectl virt");
  if (name !== undefined) await configureCommand(command, () => async () => {});
  const options = [...command.options.filter(({ hidden }) => !hidden), ...globalOptions()];
  const { waiting, operands, values } = read(words.slice(0, -1), options);
  const cli = new Cli(io, { ...values, requestTimeout: 3000 }, signal);
  try {
    if (waiting) return await valuesOf(waiting, cli);
    if (last.startsWith("-")) return offer(options.map(({ long, description }) => `${long}\t${description}`));
    if (name === undefined) return offer(commands.map((one) => `${one.name}\t${one.about}`));
    return nameless.includes(name) ? nothing : offer(await argumentsOf(name, command, operands.slice(1), cli));
  } finally {
    await cli.close();
  }
}

interface Read {
  /** The flag whose value comes next. */
  waiting: Option | undefined;
  operands: string[];
  values: Record<string, unknown>;
}

function read(words: readonly string[], options: readonly Option[]): Read {
  const { parsed, waiting } = parse(words, options);
  const values: Record<string, unknown> = {};
  for (const { option, value } of parsed.flags) if (option !== waiting) keep(values, option, value);
  return { waiting, operands: parsed.args, values };
}

/** Parses the words. If parsing fails, the last word is a flag that waits for its value. */
function parse(words: readonly string[], options: readonly Option[]): { parsed: Parsed; waiting: Option | undefined } {
  try {
    return { parsed: parseFlags(words, options), waiting: undefined };
  } catch {
    const parsed = parseFlags([...words, ""], options);
    return { parsed, waiting: parsed.flags.at(-1)?.option };
  }
}

function keep(values: Record<string, unknown>, option: Option, value: string | boolean): void {
  const name = option.attributeName();
  values[name] = option.parseArg && typeof value === "string" ? option.parseArg(value, values[name]) : value;
}

async function valuesOf({ flags, long, argChoices }: Option, cli: Cli): Promise<Completion> {
  if (argChoices) return offer(argChoices);
  if (long === "--namespace") return offer(await namesOf(cli, namespaces));
  return flags.includes("<file>") ? { candidates: [], directive: directives.files } : nothing;
}

async function argumentsOf(name: string, command: Command, before: readonly string[], cli: Cli): Promise<string[]> {
  const [first] = before;
  const kind: TargetKind = (first === undefined ? undefined : kindOfWord(first)) ?? "VirtualMachine";
  const names = await namesOf(cli, resourceOf(kind));
  const more =
    first === undefined ? [...(typed.includes(name) ? ["vm", "vmi"] : []), ...command.commands.map(nameOf)] : [];
  return [...names.filter((one) => !before.includes(one)), ...more];
}

const nameOf = (command: Command): string => command.name();

async function namesOf(cli: Cli, resource: Resource<KubeObject>): Promise<string[]> {
  const client = await cli.client();
  const where = resource.namespaced ? { namespace: client.namespace } : {};
  const { items } = await listAll(client, metadataOf(resource), { ...where, signal: cli.signal });
  return items.map(({ metadata }) => metadata?.name ?? "");
}
