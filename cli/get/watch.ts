import type { KubeClient } from "../../api/kube/client/client.ts";
import { ApiError, NetworkError, TimeLimitError } from "../../api/kube/client/errors.ts";
import { jsonLines } from "../../api/kube/client/json-lines.ts";
import { listAll } from "../../api/kube/client/list-all.ts";
import { watch } from "../../api/kube/client/watch.ts";
import type { KubeObject } from "../../api/kube/resources/object.ts";
import { pathOf, queryOf } from "../../api/kube/resources/resource.ts";
import { sleep } from "../../api/kube/sleep.ts";
import { resourceOf } from "../../api/resources.ts";
import type { Cli } from "../cli.ts";
import { Columns } from "../output/columns.ts";
import { type ObjectFormat, printedObject } from "../output/print-object.ts";
import { cellsOf, headerOf, type Table, tableType } from "../output/server-table.ts";
import type { TargetKind } from "../target/kind.ts";
import type { GetFlags } from "./selection.ts";
import { fetchTable, viewOf } from "./tables.ts";

interface Selection {
  namespace: string | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
}

/** Prints a table and then a row for each change, until the user ends the command. */
export async function watchTable(
  cli: Cli,
  client: KubeClient,
  kind: TargetKind,
  { namespace, ...query }: Selection,
  flags: GetFlags,
): Promise<void> {
  const view = viewOf(flags, undefined);
  const columns = new Columns();
  let definitions: NonNullable<Table["columnDefinitions"]> = [];
  let headers = flags.headers;
  const show = async ({ columnDefinitions, rows }: Table): Promise<void> => {
    // Only the first table of a watch defines the columns.
    if (columnDefinitions?.length) definitions = columnDefinitions;
    const cells = (rows ?? []).map((row) => cellsOf(row, definitions, view));
    if (cells.length === 0) return;
    const lines = columns.lines(headers ? [headerOf(definitions, view), ...cells] : cells);
    headers = false;
    await cli.print(lines.join("\n"));
  };
  const resource = resourceOf(kind);
  let quiet = flags.watchOnly === true;
  await forever(
    cli,
    async () => {
      const table = await fetchTable(cli, client, kind, { namespace }, query);
      if (!quiet) await show(table);
      else if (table.columnDefinitions) definitions = table.columnDefinitions;
      quiet = true;
      return table.metadata?.resourceVersion ?? "";
    },
    async function* (resourceVersion) {
      const path = pathOf(resource, { namespace }) + queryOf({ ...query, watch: true, resourceVersion });
      const answer = await client.stream(path, { signal: cli.signal, headers: { accept: tableType } });
      for await (const event of jsonLines<{ type: string; object: Table & { code?: number } }>(answer)) {
        if (event.type === "ERROR") throw new ApiError(event.object.code ?? 500, event.object);
        await show(event.object);
        yield event.object.rows?.at(-1)?.object?.metadata?.resourceVersion;
      }
    },
  );
}

/** Prints objects, and each again when it changes, until the user ends the command. */
export async function watchObjects(
  cli: Cli,
  client: KubeClient,
  kind: TargetKind,
  selection: Selection,
  flags: GetFlags & { output: ObjectFormat },
): Promise<void> {
  const resource = resourceOf(kind);
  const show = async (object: KubeObject): Promise<void> => {
    if (flags.output === "yaml") await cli.print("---");
    await cli.print(printedObject(object, kind, flags.output));
  };
  let quiet = flags.watchOnly === true;
  await forever(
    cli,
    async () => {
      const { items, metadata } = await listAll(client, resource, { ...selection, signal: cli.signal });
      if (!quiet) for (const object of items) await show(object);
      quiet = true;
      return metadata.resourceVersion ?? "";
    },
    async function* (resourceVersion) {
      for await (const { type, object } of watch(client, resource, {
        ...selection,
        resourceVersion,
        signal: cli.signal,
      })) {
        if (type !== "BOOKMARK") await show(object);
        yield object.metadata?.resourceVersion;
      }
    },
  );
}

/** Lists, then watches for ever from the last version; lists again when the server no longer knows that version. */
async function forever(
  { signal }: Cli,
  list: () => Promise<string>,
  follow: (resourceVersion: string) => AsyncGenerator<string | undefined>,
): Promise<never> {
  let version = await list();
  for (;;) {
    try {
      for await (const next of follow(version)) version = next ?? version;
      // A server may end each watch at once; this prevents a tight loop.
      await sleep(100, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ApiError && (error.isExpired || error.isAhead)) version = await list();
      else if (error instanceof NetworkError || error instanceof TimeLimitError || isCut(error))
        await sleep(1000, signal);
      else throw error;
    }
  }
}

function isCut(error: unknown): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    (error.code === "ECONNRESET" || error.code === "ERR_STREAM_PREMATURE_CLOSE")
  );
}
