import { group } from "../../api/group.ts";
import { kinds as kindTable } from "../../api/kinds.ts";
import type { KubeClient } from "../../api/kube/client/client.ts";
import { pathOf, queryOf } from "../../api/kube/resources/resource.ts";
import { resourceOf } from "../../api/resources.ts";
import type { Cli } from "../cli.ts";
import { Ended } from "../failure.ts";
import { Columns } from "../output/columns.ts";
import { cellsOf, headerOf, type Table, type TableView, tableType } from "../output/server-table.ts";
import type { TargetKind } from "../target/kind.ts";
import type { Targets } from "../target/target.ts";
import { type GetFlags, selectionOf, tell } from "./selection.ts";

/** Prints a table of each kind, with the columns of its definition. */
export async function getTables(cli: Cli, client: KubeClient, flags: GetFlags, targets: Targets): Promise<void> {
  const { kinds, named } = targets;
  let printed = 0;
  let failed = false;
  for (const kind of kinds) {
    const view = viewOf(flags, kinds.length > 1 ? kind : undefined);
    const ofKind = named.filter((target) => target.kind === kind);
    const rows: string[][] = [];
    const add = ({ columnDefinitions = [], rows: more }: Table): void => {
      if (flags.headers && rows.length === 0 && more?.length) rows.push(headerOf(columnDefinitions, view));
      for (const row of more ?? []) rows.push(cellsOf(row, columnDefinitions, view));
    };
    if (named.length === 0) await eachPage(cli, client, kind, flags, add);
    for (const { name, namespace = client.namespace } of ofKind) {
      try {
        add(await fetchTable(cli, client, kind, { name, namespace }));
      } catch (error) {
        failed = tell(cli, error, flags) || failed;
      }
    }
    const lines = new Columns().lines(rows);
    if (lines.length > 0) {
      if (printed > 0) await cli.print("");
      await cli.print(lines.join("\n"));
      printed += lines.length;
    }
  }
  if (printed === 0 && named.length === 0) {
    cli.say(flags.allNamespaces ? "No resources found" : `No resources found in ${client.namespace} namespace.`);
  }
  if (failed) throw new Ended(1);
}

/** Returns the view of a table; with several kinds, each name includes its kind. */
export function viewOf({ output, allNamespaces }: GetFlags, named: TargetKind | undefined): TableView {
  const prefix = named ? `${kindTable[named].singular}.${group.name}/` : "";
  return { wide: output === "wide", namespaces: allNamespaces === true, prefix };
}

/** Prints a list as tables, page by page; keeps only the printed text of a page. */
async function eachPage(
  cli: Cli,
  client: KubeClient,
  kind: TargetKind,
  flags: GetFlags,
  add: (page: Table) => void,
): Promise<void> {
  const { namespace, ...query } = selectionOf(client, flags);
  let next: string | undefined;
  do {
    const table = await fetchTable(cli, client, kind, { namespace }, { ...query, limit: 500, continue: next });
    add(table);
    next = table.metadata?.continue || undefined;
  } while (next !== undefined);
}

/** Reads a list or an object as a table. */
export async function fetchTable(
  { signal }: Cli,
  client: KubeClient,
  kind: TargetKind,
  parts: { name?: string; namespace: string | undefined },
  query: Parameters<typeof queryOf>[0] = {},
): Promise<Table> {
  const resource = resourceOf(kind);
  const path = pathOf(resource, parts) + queryOf(query);
  const { body } = await client.raw("GET", path, { signal, headers: { accept: tableType } });
  const table: Table = JSON.parse(body.toString("utf8"));
  return table;
}
