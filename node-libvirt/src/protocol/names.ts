/* oxlint-disable typescript/no-unsafe-type-assertion -- a table and its reverse have the same names */
import { int, type Shape } from "../wire/shape.ts";

/** A table of named numbers, such as `DomainState`. */
export type Names = Readonly<Record<string, number>>;

/** A name of the table; `UNKNOWN_17` for a number that a newer libvirt has added. */
export type Name<T extends Names> = Extract<keyof T, string> | `UNKNOWN_${number}`;

const reversed = new WeakMap<Names, Map<number, string>>();

function reverse(table: Names): Map<number, string> {
  let names = reversed.get(table);
  if (!names) {
    names = new Map(Object.entries(table).map(([name, value]) => [value, name]));
    reversed.set(table, names);
  }
  return names;
}

/** The name of `value` in `table`. */
export function nameOf<T extends Names>(table: T, value: number): Name<T> {
  return (reverse(table).get(value) as Name<T> | undefined) ?? `UNKNOWN_${value}`;
}

/** The number of a name from {@link nameOf}, or the number itself. */
export function numberOf<T extends Names>(table: T, name: Name<T> | number): number {
  if (typeof name === "number") return name;
  const value = table[name] ?? (name.startsWith("UNKNOWN_") ? Number(name.slice(8)) : undefined);
  if (value === undefined || !Number.isInteger(value)) throw new TypeError(`no such name: ${JSON.stringify(name)}`);
  return value;
}

/** An int on the wire, a name for the program. */
export function named<const T extends Names>(table: T): Shape<Name<T> | number, Name<T>> {
  return {
    size: int.size,
    write: (to, value) => to.int(numberOf(table, value)),
    read: (from) => nameOf(table, from.int()),
  };
}
