/* oxlint-disable typescript/no-unsafe-type-assertion -- an empty table and a completed one are typed by what they are made of */
import { type Fields, type FieldsIn, type FieldsOut, type Shape, struct } from "../wire/shape.ts";

/** The programs that a libvirt socket serves. */
export const Program = { REMOTE: 0x20008086, QEMU: 0x20008087, KEEPALIVE: 0x6b656570 } as const;

/**
 * What becomes of a call:
 * - `short`: answered at once as a rule; shares the connection with the others and the events.
 * - `long`: may take seconds to hours; gets a connection of its own, so that nothing waits behind it.
 * - `stream`: opens a stream; likewise.
 */
export type Conduct = "short" | "long" | "stream";

/** A procedure of libvirt's: how it is called and what comes back. */
export interface Procedure<Args = never, Result = unknown> {
  readonly name: string;
  readonly program: number;
  readonly number: number;
  readonly conduct: Conduct;
  readonly args: Shape<Args, unknown>;
  readonly returns: Shape<never, Result>;
}

/** A line of a table: a procedure that has not been told its name and program. */
export type Entry<Args, Result> = Omit<Procedure<Args, Result>, "name" | "program">;

function entry<A extends Fields, R extends Fields>(
  conduct: Conduct,
  number: number,
  args: A,
  returns: R,
): Entry<FieldsIn<A>, FieldsOut<R>> {
  return { number, conduct, args: struct(args), returns: struct(returns) };
}

/** A line for a procedure that is answered at once. */
export function call<const A extends Fields, const R extends Fields>(
  number: number,
  args: A = {} as A,
  returns: R = {} as R,
): Entry<FieldsIn<A>, FieldsOut<R>> {
  return entry("short", number, args, returns);
}

/** A line for a procedure that may take long. */
export function job<const A extends Fields, const R extends Fields>(
  number: number,
  args: A = {} as A,
  returns: R = {} as R,
): Entry<FieldsIn<A>, FieldsOut<R>> {
  return entry("long", number, args, returns);
}

/** A line for a procedure that opens a stream. */
export function stream<const A extends Fields, const R extends Fields>(
  number: number,
  args: A = {} as A,
  returns: R = {} as R,
): Entry<FieldsIn<A>, FieldsOut<R>> {
  return entry("stream", number, args, returns);
}

type Table<T> = { readonly [K in keyof T]: T[K] extends Entry<infer A, infer R> ? Procedure<A, R> : never };

/** Completes a table: every procedure learns its name, which is its key, and its program. */
export function procedures<const T extends Record<string, Entry<never, unknown>>>(program: number, table: T): Table<T> {
  return Object.fromEntries(
    Object.entries(table).map(([name, line]) => [name, { ...line, name, program }]),
  ) as unknown as Table<T>;
}
