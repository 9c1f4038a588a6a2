import type { KubeObject } from "../../api/kube/resources/object.ts";

/** `meta.k8s.io/v1 Table`: the server's table of objects for people, with the columns of their definition. */
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

/** The Accept header that asks the server for tables, of objects or of a watch's events. */
export const tableType = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

/** The view of a table. */
export interface TableView {
  /** Whether to show also the columns of `-o wide`. */
  wide: boolean;
  /** Whether the first column is the namespace. */
  namespaces: boolean;
  /** The text before each name, such as `virtualmachine.kubevirt.io/`. */
  prefix: string;
}

type ColumnDefinitions = NonNullable<Table["columnDefinitions"]>;

/** Returns the headings of the columns. */
export function headerOf(definitions: ColumnDefinitions, view: TableView): string[] {
  const names = shown(definitions, view).map(([{ name }]) => name.toUpperCase());
  return view.namespaces ? ["NAMESPACE", ...names] : names;
}

/** Returns the cells of a row as text. */
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
