import * as fc from "fast-check";
import { expect, test } from "vitest";
import { closeFrame, FrameBoundary } from "../../../controller/api-server/frame-boundary.ts";

/** A frame as RFC 6455 has it. */
function aFrame(opcode: number, length: number, masked: boolean): Buffer {
  const mask = masked ? 0x80 : 0;
  const head =
    length < 126
      ? Buffer.from([0x80 | opcode, mask | length])
      : length < 65_536
        ? Buffer.from([0x80 | opcode, mask | 126, length >> 8, length & 0xff])
        : Buffer.concat([Buffer.from([0x80 | opcode, mask | 127]), Buffer.alloc(8)]);
  if (length >= 65_536) head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, Buffer.alloc(masked ? 4 : 0, 1), Buffer.alloc(length, 0x88)]);
}

test("frames end where they end, however their bytes arrive", () => {
  const frames = fc.array(
    fc.record({
      length: fc.oneof(fc.nat(200), fc.constantFrom(0, 125, 126, 65_535, 65_536, 70_000)),
      masked: fc.boolean(),
    }),
    { minLength: 1, maxLength: 4 },
  );
  fc.assert(
    fc.property(frames, fc.integer({ min: 1, max: 5000 }), (list, step) => {
      const bytes = Buffer.concat(list.map(({ length, masked }) => aFrame(2, length, masked)));
      const ends = new Set<number>();
      list.reduce((at, { length, masked }) => {
        ends.add(at + aFrame(2, length, masked).length);
        return at + aFrame(2, length, masked).length;
      }, 0);
      const boundary = new FrameBoundary();
      for (let at = 0; at < bytes.length; at += step) {
        const chunk = bytes.subarray(at, at + step);
        boundary.push(chunk);
        expect(boundary.whole).toBe(ends.has(at + chunk.length));
      }
      expect(boundary.closed).toBe(false);
    }),
    { numRuns: 50 },
  );
});

test("a close frame is seen, and what looks like one inside of another is not", () => {
  const boundary = new FrameBoundary();
  boundary.push(aFrame(2, 300, false));
  expect(boundary.closed).toBe(false);
  boundary.push(closeFrame(1001, "bye"));
  expect([boundary.closed, boundary.whole]).toEqual([true, true]);
});

test("a long reason is cut to what fits", () => {
  expect(closeFrame(1011, "x".repeat(500)).length).toBe(127);
});
