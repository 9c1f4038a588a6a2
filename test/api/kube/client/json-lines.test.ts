import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ProtocolError } from "../../../../api/kube/client/errors.ts";
import { jsonLines, LineSplitter } from "../../../../api/kube/client/json-lines.ts";

async function decoded(chunks: readonly Buffer[]): Promise<unknown[]> {
  async function* stream(): AsyncGenerator<Buffer> {
    yield* chunks;
  }
  const values: unknown[] = [];
  for await (const value of jsonLines<unknown>(stream())) values.push(value);
  return values;
}

/** Cuts bytes at places given as fractions of their length. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const offsets = places.map((place) => Math.floor(place * bytes.length)).toSorted((a, b) => a - b);
  return [0, ...offsets].map((start, index) => bytes.subarray(start, offsets[index] ?? bytes.length));
}

test("values come out as they went in, wherever the stream is cut", async () => {
  const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.json({ maxDepth: 2 }).map((text) => JSON.parse(text))),
      places,
      async (values, cuts) => {
        const bytes = Buffer.from(values.map((value) => `${JSON.stringify(value)}\n`).join(""));
        expect(await decoded(cut(bytes, cuts))).toEqual(values);
      },
    ),
  );
});

test("values come out as they went in when each byte comes alone", async () => {
  const values = [{ name: "Gerät ✓ 🖥", text: "a\nb" }, "", null];
  const bytes = Buffer.from(values.map((value) => `${JSON.stringify(value)}\n`).join("\n"));
  expect(await decoded([...bytes].map((byte) => Buffer.from([byte])))).toEqual(values);
});

test("a line of 10 MB that comes in small chunks is looked at once", () => {
  const chunk = Buffer.alloc(1000, "x");
  const splitter = new LineSplitter();
  let looked = 0;
  const counting = Object.assign(Buffer.from(chunk), {
    indexOf: (value: number, from = 0) => {
      looked += chunk.length - from;
      return chunk.indexOf(value, from);
    },
  });
  for (let i = 0; i < 10_000; i += 1) expect([...splitter.push(counting)]).toEqual([]);
  const [line] = splitter.push(Buffer.from("\n"));
  expect(line).toHaveLength(10_000_000);
  expect(looked).toBe(10_000_000);
});

test("a line without end, a line that is cut and a line that is no JSON are ProtocolErrors", async () => {
  const splitter = new LineSplitter(100);
  expect(() => [...splitter.push(Buffer.alloc(101, "x"))]).toThrow(ProtocolError);
  await expect(decoded([Buffer.from('{"a":')])).rejects.toThrow(ProtocolError);
  await expect(decoded([Buffer.from("<html>\n")])).rejects.toThrow("<html>");
});
