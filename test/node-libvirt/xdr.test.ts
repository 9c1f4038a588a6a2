import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as shape from "../../node-libvirt/src/wire/shape.ts";
import { uuid } from "../../node-libvirt/src/wire/uuid.ts";
import { MalformedError, XdrReader } from "../../node-libvirt/src/wire/xdr-reader.ts";
import { xdr } from "./peer.ts";

function back<T, O>(form: shape.Shape<T, O>, value: T): O {
  const bytes = xdr(form, value);
  expect(bytes.length % 4).toBe(0);
  const reader = new XdrReader(bytes);
  const read = form.read(reader);
  expect(reader.remaining).toBe(0);
  return read;
}

const text = fc.string({ unit: "grapheme" });

describe("what is written is read back", () => {
  const cases: [string, shape.Shape<unknown>, fc.Arbitrary<unknown>][] = [
    ["int", shape.int, fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })],
    ["uint", shape.uint, fc.integer({ min: 0, max: 2 ** 32 - 1 })],
    ["size", shape.size, fc.maxSafeInteger()],
    ["usize", shape.usize, fc.maxSafeNat()],
    ["uhyper", shape.uhyper, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })],
    ["double", shape.double, fc.double({ noNaN: true })],
    ["string", shape.string, text],
    ["optional string", shape.optional(shape.string), fc.option(text, { nil: undefined })],
    ["array", shape.array(shape.string), fc.array(text)],
    ["uuid", uuid, fc.uuid()],
  ];
  test.each(cases)("%s", (_name, form, values) => {
    fc.assert(
      fc.property(values, (value) => {
        expect(back(form, value)).toEqual(value);
      }),
    );
  });

  test("bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (value) => {
        expect(new Uint8Array(back(shape.opaque, value))).toEqual(value);
      }),
    );
  });

  test("a struct of everything, whose optional fields may be left out", () => {
    const form = shape.struct({
      a: shape.int,
      b: shape.optional(shape.string),
      c: shape.array(shape.opaque),
      d: shape.flags,
    });
    expect(back(form, { a: -1, c: [Buffer.from("x")] })).toEqual({ a: -1, b: undefined, c: [Buffer.from("x")], d: 0 });
  });
});

describe("the words are those of RFC 4506", () => {
  test("a string is its length, its bytes and padding", () => {
    expect(xdr(shape.string, "héy")).toEqual(Buffer.from([0, 0, 0, 4, 0x68, 0xc3, 0xa9, 0x79]));
    expect(xdr(shape.string, "a")).toEqual(Buffer.from([0, 0, 0, 1, 0x61, 0, 0, 0]));
  });

  test("a negative hyper is in two's complement", () => {
    expect(xdr(shape.size, -2)).toEqual(Buffer.from("fffffffffffffffe", "hex"));
    expect(shape.size.read(new XdrReader(Buffer.from("fffffffffffffffe", "hex")))).toBe(-2);
  });
});

describe("numbers that do not fit", () => {
  test("are refused before anything is sent", () => {
    expect(() => xdr(shape.int, 2 ** 31)).toThrow(RangeError);
    expect(() => xdr(shape.uint, -1)).toThrow(RangeError);
    expect(() => xdr(shape.uhyper, 2n ** 64n)).toThrow(RangeError);
    expect(() => xdr(shape.usize, 1.5)).toThrow(RangeError);
    expect(() => xdr(uuid, "not-a-uuid")).toThrow(TypeError);
  });

  test("a 64-bit size beyond 2^53 is read as the nearest number", () => {
    expect(shape.usize.read(new XdrReader(Buffer.alloc(8, 0xff)))).toBe(2 ** 64);
  });
});

describe("bytes that lie", () => {
  test("a count or length beyond the bytes there are allocates nothing", () => {
    const huge = Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]);
    for (const form of [shape.string, shape.opaque, shape.chars, shape.array(shape.int), shape.array(shape.string)]) {
      expect(() => (form as shape.Shape<unknown>).read(new XdrReader(huge))).toThrow(MalformedError);
    }
  });

  test("a boolean that is neither", () => {
    expect(() => shape.optional(shape.int).read(new XdrReader(Buffer.from([0, 0, 0, 2, 0, 0, 0, 0])))).toThrow(
      MalformedError,
    );
  });

  test("bytes that run out in the padding", () => {
    expect(() => shape.string.read(new XdrReader(Buffer.from([0, 0, 0, 1, 0x61])))).toThrow(MalformedError);
  });
});
