/* oxlint-disable typescript/no-unsafe-type-assertion -- an empty table and a completed one are typed by what they are made of */
import { type Fields, type FieldsIn, type FieldsOut, type Shape, struct } from "../wire/shape.ts";

/** The programs that a libvirt socket serves. */
export const Program = { REMOTE: 0x20008086, QEMU: 0x20008087, KEEPALIVE: 0x6b656570 } as const;

/**
 * How a call behaves:
 * - `short`: usually gets its answer at once; shares the connection with other calls and events.
 * - `long`: may take seconds to hours; gets its own connection, so that nothing waits behind it.
 * - `stream`: opens a stream; also gets its own connection.
 */
export type Conduct = "short" | "long" | "stream";

/** A procedure of libvirt: its arguments and its result. */
export interface Procedure<Args = never, Result = unknown> {
  readonly name: string;
  readonly program: number;
  readonly number: number;
  readonly conduct: Conduct;
  readonly args: Shape<Args, unknown>;
  readonly returns: Shape<never, Result>;
}

/** A line of a table: a procedure that does not have its name and program yet. */
export type Entry<Args, Result> = Omit<Procedure<Args, Result>, "name" | "program">;

function entry<A extends Fields, R extends Fields>(
  conduct: Conduct,
  number: number,
  args: A,
  returns: R,
): Entry<FieldsIn<A>, FieldsOut<R>> {
  return { number, conduct, args: struct(args), returns: struct(returns) };
}

/** A line for a procedure that usually gets its answer at once. */
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

/** Completes a table: gives every procedure its name, which is its key, and its program. */
export function procedures<const T extends Record<string, Entry<never, unknown>>>(program: number, table: T): Table<T> {
  return Object.fromEntries(
    Object.entries(table).map(([name, line]) => [name, { ...line, name, program }]),
  ) as unknown as Table<T>;
}
