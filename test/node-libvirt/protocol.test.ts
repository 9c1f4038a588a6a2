import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  DomainState,
  domainEvents,
  nameOf,
  numberOf,
  params,
  procedureTable,
  typedParams,
} from "../../node-libvirt/src/index.ts";
import { lifecycleDetail, stateReason } from "../../node-libvirt/src/protocol/lifecycle.ts";
import { remoteError } from "../../node-libvirt/src/protocol/structs.ts";
import { XdrReader } from "../../node-libvirt/src/wire/xdr-reader.ts";
import { isValueOrMalformed, xdr } from "./peer.ts";

describe("the tables", () => {
  test("name each procedure once", () => {
    const numbers = Object.values(procedureTable).map(({ program, number }) => `${program}:${number}`);
    expect(new Set(numbers).size).toBe(numbers.length);
    for (const [name, procedure] of Object.entries(procedureTable)) expect(procedure.name).toBe(name);
  });

  test("have each kind of event once, with the ids of libvirt without a gap", () => {
    const kinds = Object.values(domainEvents);
    expect(kinds.map(({ id }) => id)).toEqual(Array.from({ length: 27 }, (_, id) => id));
    expect(new Set(kinds.map(({ message }) => message)).size).toBe(kinds.length);
  });
});

describe("any payload ends in a value or one clear error", () => {
  const bodies = [
    ...Object.values(procedureTable).map(({ name, returns }) => ({ name, shape: returns })),
    ...Object.entries(domainEvents).map(([name, { body }]) => ({ name, shape: body })),
    { name: "error", shape: remoteError },
  ];
  // Small words are lengths, counts and type words that hold; others are lies.
  const word = fc.oneof(fc.nat(8), fc.integer({ min: 0, max: 0xffff_ffff }));
  const payload = fc.array(word, { maxLength: 60 }).map((words) => {
    const bytes = Buffer.alloc(words.length * 4);
    words.forEach((value, at) => {
      bytes.writeUInt32BE(value, at * 4);
    });
    return bytes;
  });
  test.each(bodies)("$name", ({ shape }) => {
    const any = fc.property(payload, (bytes) => isValueOrMalformed(() => shape.read(new XdrReader(bytes))));
    expect(fc.check(any, { numRuns: 60 })).toMatchObject({ failed: false, counterexample: null });
  });
});

describe("typed parameters", () => {
  const table = typedParams({
    bandwidth: "ullong",
    disks: "string[]",
    on: "boolean",
    port: "int",
    ratio: "double",
    low: "llong",
  });

  test("are written by their table and read as a plain object", () => {
    const bytes = xdr(table, { bandwidth: 2n ** 63n, on: true, port: -1, ratio: 0.5, low: -5, disks: ["vda"] });
    expect(params.read(new XdrReader(bytes))).toEqual({
      bandwidth: 2n ** 63n,
      on: true,
      port: -1,
      ratio: 0.5,
      low: -5,
      disks: "vda",
    });
  });

  test("are numbers where that is exact, else bigints", () => {
    const [below, at, above] = [2n ** 53n - 1n, 2n ** 53n, 2n ** 64n - 1n].map(
      (bandwidth) => params.read(new XdrReader(xdr(table, { bandwidth }))).bandwidth,
    );
    expect(below).toBe(2 ** 53 - 1);
    expect(at).toBe(2n ** 53n);
    expect(above).toBe(2n ** 64n - 1n);
  });

  test("may be given more than once, left undefined, or with a type of their own", () => {
    expect(xdr(table, { disks: ["vda", "vdb"] }).readUInt32BE(0)).toBe(2);
    expect(xdr(table, { port: undefined }).readUInt32BE(0)).toBe(0);
    const own = xdr(table, [{ field: "new", type: "uint", value: 7 }]);
    expect(params.read(new XdrReader(own))).toEqual({ new: 7 });
  });

  test("of no known name are a mistake of the caller's", () => {
    expect(() => xdr(table, JSON.parse('{"bandwith": 1}'))).toThrow("bandwith");
    expect(() => xdr(table, JSON.parse('{"__proto__": 1}'))).toThrow("__proto__");
  });

  test("cannot reach the prototype of what they are read into", () => {
    const bytes = xdr(table, [{ field: "__proto__", type: "string", value: "x" }]);
    const read = params.read(new XdrReader(bytes));
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
    expect(Object.keys(read)).toEqual(["__proto__"]);
  });
});

describe("names of numbers", () => {
  test("go both ways, also for what a newer libvirt adds", () => {
    expect(nameOf(DomainState, 1)).toBe("RUNNING");
    expect(nameOf(DomainState, 99)).toBe("UNKNOWN_99");
    expect(numberOf(DomainState, "UNKNOWN_99")).toBe(99);
    expect(numberOf(DomainState, "SHUTOFF")).toBe(5);
    expect(() => numberOf(DomainState, "toString" as "SHUTOFF")).toThrow(TypeError);
  });

  test("a detail is named by its event, a reason by its state", () => {
    expect(lifecycleDetail(5, 3)).toEqual({ event: "STOPPED", detail: "MIGRATED" });
    expect(lifecycleDetail(3, 1)).toEqual({ event: "SUSPENDED", detail: "MIGRATED" });
    expect(lifecycleDetail(77, 1)).toEqual({ event: "UNKNOWN_77", detail: "UNKNOWN_1" });
    expect(stateReason(3, 1)).toEqual({ state: "PAUSED", reason: "USER" });
  });
});
