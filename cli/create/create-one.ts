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

/** Prints the object that a create would make, without a request to any server. */
export async function printDraft(cli: Cli, manifest: Manifest, output: CreateFlags["output"]): Promise<void> {
  await refuseInvalid(manifest);
  const { namespace } = cli.flags;
  // As kubectl does, so that the same manifest can be applied to any namespace.
  const placed = namespace === undefined ? manifest : { ...manifest, metadata: { ...manifest.metadata, namespace } };
  await tell(cli, placed, output, "created (dry run)");
}

/**
 * Creates one object, prints the result, and returns the server's object. An existing object that matches the manifest
 * counts as created, so that a user can run a script again. For a different one, the error names the difference.
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
    // The server decides what is wrong, because it may be newer. If we know the errors too, we name all of them.
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

/** Returns the existing object if it matches the manifest. Throws Failure if it does not. */
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
  cli.say(`It differs from the requested one: ${path} is ${text(has)}, not ${text(asked)}`);
  throw error;
}

function withoutNamespace({ metadata, ...manifest }: Manifest): object {
  const { name, labels } = metadata;
  return { ...manifest, metadata: { name, labels } };
}

/** Throws Failure with all errors, also unknown fields, which the server's definition cannot name. */
async function refuseInvalid(manifest: Manifest): Promise<void> {
  // The schemas are large and rarely needed.
  const { validate } = await import("../../api/validate.ts");
  const errors = validate(manifest);
  if (errors.length === 0) return;
  const lines = errors.map(formatFieldError);
  const head = `the ${manifest.kind} "${manifest.metadata.name ?? ""}" is invalid:`;
  throw new Failure(
    lines.length === 1 ? `${head} ${lines[0]}` : [head, ...lines.map((line) => `* ${line}`)].join("\n"),
  );
}
