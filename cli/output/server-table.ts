import type { KubeObject } from "../../api/kube/resources/object.ts";

/** `meta.k8s.io/v1 Table`: what the server makes of objects for people, with the columns of their definition. */
export interface Table {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly columnDefinitions?: readonly { readonly name: string; readonly type: string; readonly priority: number }[];
  readonly rows?: readonly Row[] | null;
}

/** An object and its cells. */
export interface Row {
  readonly cells: readonly unknown[];
  readonly object?: KubeObject;
}

/** Asks the server for tables, of objects or of a watch's events. */
export const tableType = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

/** How a table is shown. */
export interface TableView {
  /** Also the columns that are for those who want more. */
  wide: boolean;
  /** A first column with the namespace. */
  namespaces: boolean;
  /** What goes before each name, as `virtualmachine.kubevirt.io/`. */
  prefix: string;
}

type ColumnDefinitions = NonNullable<Table["columnDefinitions"]>;

/** The words above the columns. */
export function headerOf(definitions: ColumnDefinitions, view: TableView): string[] {
  const names = shown(definitions, view).map(([{ name }]) => name.toUpperCase());
  return view.namespaces ? ["NAMESPACE", ...names] : names;
}

/** The cells of a row, as text. */
export function cellsOf({ cells, object }: Row, definitions: ColumnDefinitions, view: TableView): string[] {
  const texts = shown(definitions, view).map(([{ name }, index]) => {
    const text = textOf(cells[index]);
    return name === "Name" ? view.prefix + text : text;
  });
  return view.namespaces ? [object?.metadata?.namespace ?? "", ...texts] : texts;
}

function shown(definitions: ColumnDefinitions, { wide }: TableView): [ColumnDefinitions[number], number][] {
  return definitions
    .map((definition, index): [ColumnDefinitions[number], number] => [definition, index])
    .filter(([{ priority }]) => wide || priority === 0);
}

function textOf(cell: unknown): string {
  if (cell === undefined || cell === null) return "";
  return typeof cell === "string" ? cell : JSON.stringify(cell);
}
