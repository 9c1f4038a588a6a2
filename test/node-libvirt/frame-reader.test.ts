import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Frame, MessageType, maxFrameSize } from "../../node-libvirt/src/wire/frame.ts";
import { FrameReader } from "../../node-libvirt/src/wire/frame-reader.ts";
import { MalformedError } from "../../node-libvirt/src/wire/xdr-reader.ts";
import { isValueOrMalformed, packet } from "./peer.ts";

/** A reply with file descriptors: their count before the payload, and one byte for each behind the frame. */
function withFds(count: number, payload: Buffer): Buffer {
  const word = Buffer.alloc(4);
  word.writeUInt32BE(count);
  return Buffer.concat([
    packet({ type: MessageType.REPLY_WITH_FDS, serial: 5 }, Buffer.concat([word, payload])),
    Buffer.alloc(count),
  ]);
}

const sent = [
  packet({ procedure: 59, serial: 1 }, Buffer.from("hostname")),
  packet({ procedure: 2, serial: 2 }),
  withFds(1, Buffer.from("with")),
  packet({ procedure: 318, type: MessageType.MESSAGE }, Buffer.alloc(301, 7)),
  withFds(3, Buffer.alloc(0)),
  packet({ procedure: 1, serial: 0xffff_ffff }, Buffer.from("last")),
];
const bytes = Buffer.concat(sent);
const payloads = ["hostname", "", "with", Buffer.alloc(301, 7).toString(), "", "last"];

function read(chunks: Iterable<Buffer>): Frame[] {
  const reader = new FrameReader();
  return [...chunks].flatMap((chunk) => reader.push(chunk));
}

const texts = (frames: Frame[]): string[] => frames.map(({ payload }) => payload.toString());

describe("frames are the same however the bytes are split", () => {
  test("all at once", () => {
    expect(texts(read([bytes]))).toEqual(payloads);
  });

  test("byte by byte", () => {
    expect(texts(read(Array.from(bytes, (byte) => Buffer.from([byte]))))).toEqual(payloads);
  });

  test("in two, at every byte", () => {
    for (let at = 0; at <= bytes.length; at++) {
      expect(texts(read([bytes.subarray(0, at), bytes.subarray(at)]))).toEqual(payloads);
    }
  });

  test("at random", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length)), (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        const chunks = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
        expect(texts(read(chunks))).toEqual(payloads);
      }),
    );
  });
});

test("a header is told apart word by word", () => {
  const [frame] = read([packet({ program: 1, version: 2, procedure: -3, type: 3, serial: 5, status: 2 })]);
  expect(frame).toMatchObject({ program: 1, version: 2, procedure: -3, type: 3, serial: 5, status: 2 });
});

test("a frame of 32 MB takes linear time, whatever the size of its chunks", () => {
  const big = packet({ serial: 1 }, Buffer.alloc(32 * 1024 * 1024 - 24));
  expect(big.length).toBe(maxFrameSize);
  const time = (size: number): number => {
    const reader = new FrameReader();
    const start = performance.now();
    let frames: Frame[] = [];
    for (let at = 0; at < big.length; at += size) frames = reader.push(big.subarray(at, at + size));
    expect(frames).toHaveLength(1);
    return performance.now() - start;
  };
  time(65536);
  // Joining at every chunk would copy 8 TB here: hours, not seconds.
  expect(time(64)).toBeLessThan(10_000);
});

describe("what cannot be a frame is refused as soon as its length is there", () => {
  test.each([0, 4, 27, maxFrameSize + 1, 0xffff_ffff])("a length of %d", (length) => {
    const word = Buffer.alloc(4);
    word.writeUInt32BE(length);
    expect(() => read([word.subarray(0, 3)])).not.toThrow();
    expect(() => read([word])).toThrow(MalformedError);
    expect(() => read([word.subarray(0, 3), word.subarray(3)])).toThrow(MalformedError);
  });

  test("a packet with more file descriptors than libvirt sends", () => {
    expect(() => read([withFds(33, Buffer.alloc(0))])).toThrow(MalformedError);
    expect(() => read([packet({ type: MessageType.REPLY_WITH_FDS })])).toThrow(MalformedError);
  });
});

test("any bytes end in frames or one clear error, and no more is kept than came", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 })), (chunks) => {
      const reader = new FrameReader();
      let came = 0;
      return isValueOrMalformed(() => {
        for (const chunk of chunks) {
          came += chunk.length;
          reader.push(Buffer.from(chunk));
          expect(reader.buffered).toBeLessThanOrEqual(came);
        }
      });
    }),
    { numRuns: 1000 },
  );
});
