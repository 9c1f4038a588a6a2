/* oxlint-disable typescript/no-unsafe-type-assertion -- a struct is built field by field from its table */
import type { XdrReader } from "./xdr-reader.ts";
import type { XdrWriter } from "./xdr-writer.ts";

/**
 * A value's format on the wire: the building block of the protocol tables.
 *
 * Callers may pass `Taken` and get back `Given`: wider in, narrower out. `size` is the minimum number of bytes of a
 * value. It serves to check an array's length before anything is allocated.
 */
export interface Shape<Taken, Given = Taken> {
  readonly size: number;
  write(to: XdrWriter, value: Taken): void;
  read(from: XdrReader): Given;
}

/** The type that a shape reads. */
export type Out<S> = S extends Shape<never, infer T> ? T : never;
/** The type that a shape writes. */
export type In<S> = S extends Shape<infer T, unknown> ? T : never;

/** A struct's fields in wire order. */
export type Fields = Record<string, Shape<never, unknown>>;
type OptionalKeys<F extends Fields> = { [K in keyof F]: undefined extends In<F[K]> ? K : never }[keyof F];
/** The type that a struct reads: it has every field. */
export type FieldsOut<F extends Fields> = { [K in keyof F]: Out<F[K]> };
/** The type that a struct writes: fields that may be undefined are optional. */
export type FieldsIn<F extends Fields> = { [K in Exclude<keyof F, OptionalKeys<F>>]: In<F[K]> } & {
  [K in OptionalKeys<F>]?: In<F[K]>;
};

export const int: Shape<number> = { size: 4, write: (to, value) => to.int(value), read: (from) => from.int() };

export const uint: Shape<number> = { size: 4, write: (to, value) => to.uint(value), read: (from) => from.uint() };

/** A bit mask; 0 when left out. */
export const flags: Shape<number | undefined, number> = {
  size: 4,
  write: (to, value = 0) => to.uint(value >>> 0),
  read: (from) => from.uint(),
};

/** A 64-bit counter that really grows beyond 2^53, such as CPU time in nanoseconds; read as a bigint. */
export const uhyper: Shape<number | bigint, bigint> = {
  size: 8,
  write: (to, value) => to.uhyper(value),
  read: (from) => from.uhyper(),
};

/** A signed 64-bit size or time, read as a number: beyond 2^53 (9 PB, 285 million years) the nearest one. */
export const size: Shape<number | bigint, number> = {
  size: 8,
  write: (to, value) => to.hyper(value),
  read: (from) => from.hyperNumber(),
};

/** Like {@link size}, but unsigned. */
export const usize: Shape<number | bigint, number> = {
  size: 8,
  write: (to, value) => to.uhyper(value),
  read: (from) => from.uhyperNumber(),
};

export const double: Shape<number> = {
  size: 8,
  write: (to, value) => to.double(value),
  read: (from) => from.double(),
};

export const string: Shape<string> = {
  size: 4,
  write: (to, value) => to.string(value),
  read: (from) => from.string(),
};

/** Bytes. */
export const opaque: Shape<Uint8Array, Buffer> = {
  size: 4,
  write: (to, value) => to.opaque(value),
  // A copy, because the frame's memory is reused.
  read: (from) => Buffer.from(from.opaque()),
};

/** A value with a 0/1 word in front; undefined if absent. */
export function optional<I, O>(shape: Shape<I, O>): Shape<I | undefined, O | undefined> {
  return {
    size: 4,
    write(to, value) {
      to.bool(value !== undefined);
      if (value !== undefined) shape.write(to, value);
    },
    read: (from) => (from.bool() ? shape.read(from) : undefined),
  };
}

/** A list with its count in front. */
export function array<I, O>(shape: Shape<I, O>): Shape<readonly I[], O[]> {
  return {
    size: 4,
    write(to, values) {
      to.uint(values.length);
      for (const value of values) shape.write(to, value);
    },
    read(from) {
      const values: O[] = [];
      for (let left = from.count(shape.size); left > 0; left--) values.push(shape.read(from));
      return values;
    },
  };
}

/** A list of bytes, four bytes each on the wire: XDR's `char name<>`. */
export const chars: Shape<Uint8Array, Buffer> = {
  size: 4,
  write(to, values) {
    to.uint(values.length);
    for (const value of values) to.uint(value);
  },
  read(from) {
    const bytes = Buffer.alloc(from.count(4));
    for (let index = 0; index < bytes.length; index++) bytes[index] = from.int();
    return bytes;
  },
};

/** Named fields, one after the other. */
export function struct<const F extends Fields>(fields: F): Shape<FieldsIn<F>, FieldsOut<F>> {
  const entries = Object.entries(fields) as [string, Shape<unknown, unknown>][];
  return {
    size: entries.reduce((sum, [, shape]) => sum + shape.size, 0),
    write(to, value) {
      for (const [name, shape] of entries) shape.write(to, (value as Record<string, unknown>)[name]);
    },
    read(from) {
      const value: Record<string, unknown> = {};
      for (const [name, shape] of entries) value[name] = shape.read(from);
      return value as FieldsOut<F>;
    },
  };
}

/** A shape whose value differs between program and wire. */
export function mapped<WireIn, WireOut, I, O>(
  shape: Shape<WireIn, WireOut>,
  toWire: (value: I) => WireIn,
  fromWire: (value: WireOut) => O,
): Shape<I, O> {
  return {
    size: shape.size,
    write: (to, value) => shape.write(to, toWire(value)),
    read: (from) => fromWire(shape.read(from)),
  };
}
