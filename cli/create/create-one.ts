import type { KubeClient } from "../../api/kube/client/client.ts";
import { ApiError } from "../../api/kube/client/errors.ts";
import { resourceOf } from "../../api/resources.ts";
import { formatFieldError } from "../../api/values/field-error.ts";
import type { Cli } from "../cli.ts";
import { Failure } from "../failure.ts";
import { firstDifference } from "../manifest/difference.ts";
import { namespaceOf } from "../manifest/namespace.ts";
import type { Manifest } from "../manifest/read.ts";
import { printedObject } from "../output/print-object.ts";
import { fullName } from "../target/kind.ts";
import type { CreateFlags } from "./create-flags.ts";

/** Prints what would be created, without asking any server. */
export async function printDraft(cli: Cli, manifest: Manifest, output: CreateFlags["output"]): Promise<void> {
  await refuseInvalid(manifest);
  const { namespace } = cli.flags;
  // As kubectl does, so that the same manifest can be applied to any namespace.
  const placed = namespace === undefined ? manifest : { ...manifest, metadata: { ...manifest.metadata, namespace } };
  await tell(cli, placed, output, "created (dry run)");
}

/**
 * Creates one object and prints what became of it. An object of that name that is as asked for counts as created, so
 * that a script can be run again; one that differs is an error that says in what. Returns what the server has.
 */
export async function createOne(
  cli: Cli,
  client: KubeClient,
  manifest: Manifest,
  { dryRun, output }: Pick<CreateFlags, "dryRun" | "output">,
): Promise<Manifest> {
  const namespace = namespaceOf(cli, client, manifest);
  const wanted: Manifest = { ...manifest, metadata: { ...manifest.metadata, namespace } };
  const options = { signal: cli.signal, dryRun: dryRun === "server", fieldValidation: "Strict" } as const;
  const how = dryRun === "server" ? " (server dry run)" : "";
  try {
    const created = await client.create(resourceOf<Manifest>(manifest.kind), wanted, options);
    await tell(cli, created, output, `created${how}`);
    return created;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    // What is wrong is the server's to say, which may be newer. Where it is what we know, too, we name all of it.
    if (error.isInvalid || error.code === 400) await refuseInvalid(manifest);
    if (!error.isAlreadyExists) throw error;
    const found = await existing(cli, client, wanted, error);
    await tell(cli, found, output, `unchanged${how}`);
    return found;
  }
}

async function tell(cli: Cli, object: Manifest, output: CreateFlags["output"], done: string): Promise<void> {
  const { kind, metadata } = object;
  if (output === undefined) await cli.print(`${fullName(kind, metadata.name ?? "")} ${done}`);
  else await cli.print(printedObject(object, kind, output));
}

/** The object that is there already, when it is what is asked for. Throws Failure when it is not. */
async function existing(cli: Cli, client: KubeClient, wanted: Manifest, error: ApiError): Promise<Manifest> {
  const { name = "", namespace = client.namespace } = wanted.metadata;
  const resource = resourceOf<Manifest>(wanted.kind);
  const found = await client.get(resource, { name, namespace }, { signal: cli.signal });
  if (found.metadata?.deletionTimestamp) {
    throw new Failure(`${fullName(wanted.kind, name)} is still being deleted; try again when it is gone`);
  }
  const difference = firstDifference(withoutNamespace(wanted), found);
  if (!difference) return found;
  const { path, wanted: asked, found: has } = difference;
  const text = (value: unknown): string => (value === undefined ? "nothing" : JSON.stringify(value));
  cli.say(`It differs from what is asked for: ${path} is ${text(has)}, not ${text(asked)}`);
  throw error;
}

function withoutNamespace({ metadata, ...manifest }: Manifest): object {
  const { name, labels } = metadata;
  return { ...manifest, metadata: { name, labels } };
}

/** Names what is wrong, an unknown field too, which the server's definition alone could not. */
async function refuseInvalid(manifest: Manifest): Promise<void> {
  // The schemas are large, and seldom asked.
  const { validate } = await import("../../api/validate.ts");
  const errors = validate(manifest);
  if (errors.length === 0) return;
  const lines = errors.map(formatFieldError);
  const head = `the ${manifest.kind} "${manifest.metadata.name ?? ""}" is invalid:`;
  throw new Failure(
    lines.length === 1 ? `${head} ${lines[0]}` : [head, ...lines.map((line) => `* ${line}`)].join("\n"),
  );
}
