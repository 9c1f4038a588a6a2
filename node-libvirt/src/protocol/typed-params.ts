/* oxlint-disable typescript/no-unsafe-type-assertion -- the type word decides what the value is */
import type { Shape } from "../wire/shape.ts";
import { array, string, struct, usize } from "../wire/shape.ts";
import { MalformedError, type XdrReader } from "../wire/xdr-reader.ts";
import type { XdrWriter } from "../wire/xdr-writer.ts";

/** The numbers of `virTypedParameterType`. */
export const paramTypes = { int: 1, uint: 2, llong: 3, ullong: 4, double: 5, boolean: 6, string: 7 } as const;
type ParamType = keyof typeof paramTypes;

/** A parameter's value. A 64-bit integer is a number if that is exact, else a bigint. */
export type ParamValue = number | bigint | boolean | string;

/** Typed parameters from libvirt: by name, in their order on the wire. */
export type TypedParams = Record<string, ParamValue>;

/** Typed parameters whose names and types are in no table of this package. */
export type ExplicitParams = readonly { field: string; type: ParamType; value: ParamValue }[];

type ValueOf<T extends ParamType> = T extends "string"
  ? string
  : T extends "boolean"
    ? boolean
    : T extends "llong" | "ullong"
      ? number | bigint
      : number;

/** The parameters of a procedure; `string[]` can occur more than once. */
export type ParamTable = Readonly<Record<string, ParamType | "string[]">>;
/** The plain object with the parameters to write. */
export type ParamsIn<T extends ParamTable> = {
  [K in keyof T]?: (T[K] extends ParamType ? ValueOf<T[K]> : readonly string[]) | undefined;
};

function writeValue(to: XdrWriter, type: ParamType, value: ParamValue): void {
  to.int(paramTypes[type]);
  switch (type) {
    case "int":
      return to.int(Number(value));
    case "uint":
      return to.uint(Number(value));
    case "llong":
      return to.hyper(value as number | bigint);
    case "ullong":
      return to.uhyper(value as number | bigint);
    case "double":
      return to.double(Number(value));
    case "boolean":
      return to.int(value ? 1 : 0);
    case "string":
      return to.string(String(value));
  }
}

function readValue(from: XdrReader): ParamValue {
  const type = from.int();
  switch (type) {
    case paramTypes.int:
      return from.int();
    case paramTypes.uint:
      return from.uint();
    case paramTypes.llong:
      return from.exactHyper();
    case paramTypes.ullong:
      return from.exactUhyper();
    case paramTypes.double:
      return from.double();
    case paramTypes.boolean:
      return from.int() !== 0;
    case paramTypes.string:
      return from.string();
    default:
      throw new MalformedError(`a typed parameter of type ${type}`);
  }
}

/** The minimum size of a field, its type and a value. */
const paramSize = 12;

function readParams(from: XdrReader): TypedParams {
  const params: TypedParams = {};
  for (let left = from.count(paramSize); left > 0; left--) {
    const field = from.string();
    const value = readValue(from);
    // Makes an own property even for a name such as "__proto__".
    if (field in params) Object.defineProperty(params, field, { value, enumerable: true, configurable: true });
    else params[field] = value;
  }
  return params;
}

function* entries(table: ParamTable, values: Readonly<Record<string, unknown>>): Iterable<ExplicitParams[number]> {
  for (const [field, value] of Object.entries(values)) {
    if (value === undefined) continue;
    const type = Object.hasOwn(table, field) ? table[field] : undefined;
    if (type === undefined) throw new TypeError(`no such parameter: ${JSON.stringify(field)}`);
    if (type === "string[]") for (const one of value as string[]) yield { field, type: "string", value: one };
    else yield { field, type, value: value as ParamValue };
  }
}

/** Parameters to write: a plain object with a table of their types, or a list that names each type. */
export function typedParams<const T extends ParamTable>(
  table: T,
): Shape<ParamsIn<T> | ExplicitParams | undefined, TypedParams> {
  return {
    size: 4,
    write(to, values = []) {
      const list: ExplicitParams = Array.isArray(values)
        ? values
        : [...entries(table, values as Readonly<Record<string, unknown>>)];
      to.uint(list.length);
      for (const { field, type, value } of list) {
        to.string(field);
        writeValue(to, type, value);
      }
    },
    read: readParams,
  };
}

/** Parameters that are only read. */
export const params = typedParams({});

/** The older `{field, value}` lists of the node statistics. */
export const nodeStats = array(struct({ field: string, value: usize }));
