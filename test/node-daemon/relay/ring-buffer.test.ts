import { array, assert, integer, property, uint8Array } from "fast-check";
import { expect, test } from "vitest";
import { RingBuffer } from "../../../node-daemon/relay/ring-buffer.ts";

test("a ring holds the last bytes of what was pushed, whatever the sizes", () => {
  assert(
    property(
      array(uint8Array({ maxLength: 9000 }), { maxLength: 8 }),
      integer({ min: 1, max: 20_000 }),
      (pieces, capacity) => {
        const ring = new RingBuffer(capacity);
        for (const piece of pieces) ring.push(piece);
        const all = Buffer.concat(pieces);
        expect(ring.end).toBe(all.length);
        expect(ring.start).toBe(Math.max(0, all.length - capacity));
        expect(ring.slice(ring.start, ring.end).equals(all.subarray(ring.start))).toBe(true);
      },
    ),
    { numRuns: 60 },
  );
});

test("bytes that are gone are not given", () => {
  const ring = new RingBuffer(4);
  ring.push(Buffer.from("abcdef"));
  expect(ring.slice(3, 5).toString()).toBe("de");
  expect(() => ring.slice(1, 5)).toThrow("bytes 1 to 5 are not within 2 to 6");
});

test("a ring that gets no more memory holds less, and more again when it does", () => {
  assert(
    property(
      array(uint8Array({ maxLength: 9000 }), { maxLength: 8 }),
      array(uint8Array({ maxLength: 9000 }), { maxLength: 8 }),
      (before, after) => {
        let given = false;
        const ring = new RingBuffer(32_768, () => given);
        for (const piece of before) ring.push(piece);
        const first = Buffer.concat(before);
        expect(ring.end - ring.start).toBe(Math.min(first.length, 4096));
        const kept = ring.start;
        given = true;
        for (const piece of after) ring.push(piece);
        const all = Buffer.concat([first, ...after]);
        expect([ring.start, ring.end]).toEqual([Math.max(kept, all.length - 32_768), all.length]);
        expect(ring.slice(ring.start, ring.end).equals(all.subarray(ring.start))).toBe(true);
      },
    ),
    { numRuns: 60 },
  );
});
