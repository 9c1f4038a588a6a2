import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ProtocolError } from "../../../../api/kube/client/errors.ts";
import { ItemSplitter } from "../../../../api/kube/client/item-splitter.ts";

/** The texts of the items of a text that comes in chunks, and the list without them. */
function split(chunks: readonly Buffer[], limit?: number): { items: string[]; rest: unknown } {
  const splitter = new ItemSplitter(limit);
  const items: string[] = [];
  for (const chunk of chunks) for (const item of splitter.push(chunk)) items.push(item.toString("utf8"));
  return { items, rest: JSON.parse(splitter.rest().toString("utf8")) };
}

const bytesOf = (text: string): Buffer[] => [...Buffer.from(text)].map((byte) => Buffer.from([byte]));

test("the items of a list come out as they went in, wherever it is cut and whatever they hold", () => {
  const text = fc.oneof(fc.string(), fc.constantFrom('"items":[{', '\\"', "\\", '\\\\"]}', "{[", "✓"));
  const anItem = fc
    .tuple(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })), text, text)
    .map(([fields, key, value]) => JSON.stringify({ ...fields, items: [value], [key]: value }));
  const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 });
  fc.assert(
    fc.property(
      fc.array(anItem),
      cuts,
      fc.constantFrom("", " ", "\n  "),
      fc.boolean(),
      (items, places, space, isLast) => {
        const envelope = { kind: "ThingList", metadata: { continue: 'a"items":[', resourceVersion: "1" } };
        const others = JSON.stringify(envelope).slice(1, -1);
        const list = `"items"${space}:${space}[${space}${items.join(`${space},${space}`)}${space}]`;
        const bytes = Buffer.from(`{${space}${isLast ? `${others},${list}` : `${list},${others}`}}`);
        const offsets = places.map((place) => Math.floor(place * bytes.length)).toSorted((a, b) => a - b);
        const chunks = [0, ...offsets].map((start, index) => bytes.subarray(start, offsets[index] ?? bytes.length));
        // Their texts are compared: V8's `JSON.parse` takes one escaped key for another (nodejs/node#63785).
        const expected = { items, rest: { ...envelope, items: [] } };
        expect(split(chunks)).toEqual(expected);
        expect(split(bytesOf(bytes.toString("utf8")))).toEqual(expected);
      },
    ),
    { numRuns: 50 },
  );
});

test("a list without items is one that is empty", () => {
  for (const text of ['{"items":[],"kind":"L"}', '{"kind":"L","items":null}', '{"kind":"L"}']) {
    expect(split([Buffer.from(text)])).toMatchObject({ items: [], rest: { kind: "L" } });
  }
});

test("an item without end, a list that is cut and a list of something else are ProtocolErrors", () => {
  const cut = (text: string, limit?: number) => () => split([Buffer.from(text)], limit);
  expect(cut(`{"items":[{"a":"${"x".repeat(100)}`, 100)).toThrow(ProtocolError);
  expect(cut('{"items":[{"a":1},{"a"')).toThrow(ProtocolError);
  expect(cut(`{"kind":"${"x".repeat(2 ** 20)}"}`)).toThrow(ProtocolError);
});

test("a long item is one, whatever it is made of", () => {
  for (const piece of ['\\"', "\\\\", "{}", "x"]) {
    const item = Buffer.from(`{"items":[{"a":["${piece.repeat(1_000_000)}"]}]}`);
    const splitter = new ItemSplitter();
    const items: Buffer[] = [];
    for (let at = 0; at < item.length; at += 65_536) items.push(...splitter.push(item.subarray(at, at + 65_536)));
    expect(items).toHaveLength(1);
  }
});
