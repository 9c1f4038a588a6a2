import { buffer } from "node:stream/consumers";
import { finished } from "node:stream/promises";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ConnectOptions, connect, type Hole, procedureTable as remote } from "../../node-libvirt/src/index.ts";
import { type Frame, MessageStatus, MessageType } from "../../node-libvirt/src/wire/frame.ts";
import { int, optional, size, string, struct, uint } from "../../node-libvirt/src/wire/shape.ts";
import { type Client, calls, eventually, packet, peer, xdr } from "./peer.ts";

const vol = { pool: "p", name: "v", key: "/v" };
const args = { vol, offset: 0, length: 0 };
const options: ConnectOptions = { timeout: 0, keepAlive: false };
const reading = { readable: true, writable: false };
const both = { readable: true, writable: true };

const of = (call: Frame, status: number, payload?: Uint8Array, type: number = MessageType.STREAM): Buffer =>
  packet({ program: call.program, procedure: call.procedure, serial: call.serial, type, status }, payload);

const isStream = ({ type }: Frame): boolean => type === MessageType.STREAM || type === MessageType.STREAM_HOLE;

/** A peer that answers the opening of a stream with these bytes behind the reply, and confirms a finish. */
function streaming(opened: (call: Frame, client: Client) => void) {
  return peer((call, client) => {
    if (isStream(call)) {
      if (call.type === MessageType.STREAM && call.status === MessageStatus.OK)
        client.socket.write(of(call, MessageStatus.OK));
      return true;
    }
    const opens = [remote.storageVolDownload, remote.storageVolUpload, remote.domainOpenConsole];
    if (!opens.some((procedure) => calls(call, procedure))) return false;
    opened(call, client);
    return true;
  });
}

const flooded = Buffer.from(Array.from({ length: 3_000_000 }, (_, at) => (at / 251) | 0));

/** Answers, and sends {@link flooded} in packets of many sizes. */
function flood(call: Frame, client: Client): void {
  client.answer(call);
  for (let at = 0, length = 1; at < flooded.length; at += length, length = Math.min(length * 3, 262_120)) {
    client.socket.write(of(call, MessageStatus.CONTINUE, flooded.subarray(at, at + length)));
  }
  client.socket.write(of(call, MessageStatus.CONTINUE));
}

const packets = (client: Client | undefined): [number, number, number][] =>
  client!.calls.filter(isStream).map(({ type, status, payload }) => [type, status, payload.length]);

describe("a stream", () => {
  test("whose data comes in one chunk with the reply, or before it, is read to its end and finished", async () => {
    for (const early of [false, true]) {
      await using other = await streaming((call, client) => {
        const data = [of(call, MessageStatus.CONTINUE, Buffer.from("abc")), of(call, MessageStatus.CONTINUE)];
        const reply = of(call, MessageStatus.OK, undefined, MessageType.REPLY);
        client.socket.write(Buffer.concat(early ? [...data, reply] : [reply, ...data]));
      });
      await using connection = await connect(other.path, options);
      const { stream } = await connection.openStream(remote.storageVolDownload, args, reading);
      expect((await buffer(stream)).toString()).toBe("abc");
      expect(packets(other.clients[1])).toEqual([[MessageType.STREAM, MessageStatus.OK, 0]]);
      await eventually(() => connection.extraConnections === 0);
    }
  });

  test("that nobody reads holds the other side back", async () => {
    let taken = 0;
    await using other = await streaming((call, client) => {
      client.answer(call);
      const more = (): void => {
        taken++;
        if (taken < 1000) client.socket.write(of(call, MessageStatus.CONTINUE, Buffer.alloc(65536)), more);
        else client.socket.write(of(call, MessageStatus.CONTINUE));
      };
      more();
    });
    await using connection = await connect(other.path, options);
    const { stream } = await connection.openStream(remote.storageVolDownload, args, reading);
    await eventually(() => stream.readableLength >= stream.readableHighWaterMark);
    // The system's own buffers fill up, too; then no more is taken while other connections are made and used.
    for (let before = -1; before !== taken; ) {
      before = taken;
      for (let at = 0; at < 5; at++) await (await connect(other.path, options)).close();
    }
    expect(taken).toBeLessThan(100);
    expect((await buffer(stream)).length).toBe(999 * 65536);
  });

  test("is told libvirt's error", async () => {
    await using other = await streaming((call, client) => {
      client.answer(call);
      const error = xdr(
        struct({
          code: int,
          domain: int,
          message: optional(string),
          level: int,
          rest: size,
          more: size,
          last: int,
          end: int,
        }),
        { code: 38, domain: 38, message: "no space", level: 2, rest: 0, more: 0, last: 0, end: 0 },
      );
      client.socket.write(of(call, MessageStatus.ERROR, Buffer.concat([error, Buffer.alloc(4)])));
    });
    await using connection = await connect(other.path, options);
    const read = connection.openStream(remote.storageVolDownload, args, reading).then(({ stream }) => buffer(stream));
    await expect(read).rejects.toMatchObject({
      name: "LibvirtError",
      code: "VIR_ERR_SYSTEM_ERROR",
      message: "no space",
    });
  });

  test("that is written is finished when libvirt says so, not before", async () => {
    let confirm: (() => void) | undefined;
    await using other = await peer((call, client) => {
      if (call.type === MessageType.STREAM && call.status === MessageStatus.OK) {
        confirm = () => client.socket.write(of(call, MessageStatus.OK));
      } else if (calls(call, remote.storageVolUpload)) client.answer(call);
      else return isStream(call);
      return true;
    });
    await using connection = await connect(other.path, options);
    const { stream } = await connection.openStream(remote.storageVolUpload, args, { readable: false, writable: true });
    stream.end(Buffer.alloc(600_000));
    await eventually(() => confirm !== undefined);
    expect(stream.writableFinished).toBe(false);
    confirm!();
    await finished(stream);
    const sent = packets(other.clients[1]);
    expect(sent.reduce((sum, [, , length]) => sum + length, 0)).toBe(600_000);
    expect(sent.at(-1)).toEqual([MessageType.STREAM, MessageStatus.OK, 0]);
  });

  test("that is destroyed is broken off, and its connection closed when that is confirmed, or not in time", async () => {
    let confirm: (() => void) | undefined;
    await using other = await peer((call, client) => {
      if (isStream(call)) confirm = () => client.socket.write(of(call, MessageStatus.OK));
      else if (calls(call, remote.domainOpenConsole)) client.answer(call);
      else return false;
      return true;
    });
    await using connection = await connect(other.path, options);
    const dom = { name: "vm", uuid: "00000000-0000-4000-8000-000000000001", id: 1 };
    const { stream } = await connection.openStream(remote.domainOpenConsole, { dom }, both);
    stream.destroy();
    await eventually(() => confirm !== undefined);
    expect(stream.closed).toBe(false);
    expect(connection.extraConnections).toBe(1);
    confirm!();
    await eventually(() => stream.closed && other.clients[1]!.socket.destroyed);
    expect(packets(other.clients[1])).toEqual([[MessageType.STREAM, MessageStatus.ERROR, 0]]);

    const unheard = await connection.openStream(remote.domainOpenConsole, { dom }, both);
    unheard.stream.destroy();
    await eventually(() => unheard.stream.closed && other.clients[2]!.socket.destroyed);
  });

  test("whose opening is refused leaves no connection behind", async () => {
    await using other = await streaming((_call, client) => client.socket.destroy());
    await using connection = await connect(other.path, options);
    await expect(connection.openStream(remote.storageVolDownload, args, reading)).rejects.toMatchObject({
      reason: "ended",
    });
    expect(connection.extraConnections).toBe(0);
  });

  test("whose chunks are kept stays as it was, though more is received into the same memory", async () => {
    await using other = await streaming(flood);
    await using connection = await connect(other.path, options);
    const { stream } = await connection.openStream(remote.storageVolDownload, args, reading);
    const kept: Buffer[] = await stream.toArray();
    expect(Buffer.concat(kept).equals(flooded)).toBe(true);
  });

  test.each([
    ["soon returns", () => Promise.resolve()],
    ["takes its time", () => new Promise<void>((resolve) => setImmediate(resolve))],
  ])("is received by a handler that %s, piece by piece to its end", async (_how, wait) => {
    await using other = await streaming(flood);
    await using connection = await connect(other.path, options);
    const { stream } = await connection.openStream(remote.storageVolDownload, args, reading);
    const pieces: Buffer[] = [];
    let inside = 0;
    await stream.recvAll(async (piece) => {
      expect(++inside).toBe(1);
      await wait();
      // Only now: until here the memory is this piece's.
      pieces.push(Buffer.from(piece));
      inside--;
    });
    expect(Buffer.concat(pieces).equals(flooded)).toBe(true);
    await eventually(() => connection.extraConnections === 0);
    expect(() => stream.recvAll(() => {})).toThrow("read already");
  });

  test("is received without a copy by a handler that returns at once", async () => {
    await using other = await streaming(flood);
    await using connection = await connect(other.path, options);
    const { stream } = await connection.openStream(remote.storageVolDownload, args, reading);
    const memory = new Set<ArrayBufferLike>();
    let length = 0;
    await stream.recvAll((piece) => {
      memory.add(piece.buffer);
      length += piece.length;
    });
    expect(length).toBe(flooded.length);
    // The socket's own, and what had come before the handler was there.
    expect(memory.size).toBeLessThan(5);
  });

  test.each(["at once", "later"])("is broken off by a handler that fails %s", async (when) => {
    await using other = await streaming(flood);
    await using connection = await connect(other.path, options);
    const { stream } = await connection.openStream(remote.storageVolDownload, args, reading);
    let pieces = 0;
    const fail = (): void => {
      pieces++;
      throw new RangeError("enough");
    };
    await expect(stream.recvAll(when === "later" ? async () => fail() : fail)).rejects.toThrow("enough");
    expect(pieces).toBe(1);
    await eventually(() => connection.extraConnections === 0);
    const sent = packets(other.clients[1]);
    expect(sent[0]).toEqual([MessageType.STREAM, MessageStatus.ERROR, 0]);
  });

  test("carries holes where it is sparse, and where it is not a hole is no sense", async () => {
    await using other = await streaming((call, client) => {
      client.answer(call);
      const hole = xdr(struct({ length: size, flags: uint }), { length: 5, flags: 0 });
      client.socket.write(of(call, MessageStatus.CONTINUE, Buffer.from("a")));
      client.socket.write(of(call, MessageStatus.CONTINUE, hole, MessageType.STREAM_HOLE));
      client.socket.write(of(call, MessageStatus.CONTINUE));
    });
    await using connection = await connect(other.path, options);
    const sparse = await connection.openStream(remote.storageVolDownload, args, { ...reading, sparse: true });
    const chunks: (Buffer | Hole)[] = await sparse.stream.toArray();
    expect(chunks).toEqual([Buffer.from("a"), { hole: 5 }]);
    const plain = connection.openStream(remote.storageVolDownload, args, reading).then(({ stream }) => buffer(stream));
    await expect(plain).rejects.toMatchObject({ reason: "malformed" });
    const handled = await connection.openStream(remote.storageVolDownload, args, { ...reading, sparse: true });
    const told: unknown[] = [];
    await handled.stream.recvAll(
      (data) => void told.push(String(data)),
      (length) => void told.push(length),
    );
    expect(told).toEqual(["a", 5]);
  });

  test("that is sent anything at all ends, or in one clear error; never in a hang, a crash or a huge allocation", async () => {
    let sent: [type: number, status: number, payload: Buffer][] = [];
    await using other = await streaming((call, client) => {
      client.answer(call);
      for (const [type, status, payload] of sent) client.socket.write(of(call, status, payload, type));
      client.socket.end();
    });
    await using connection = await connect(other.path, options);
    const type = fc.constantFrom(MessageType.STREAM, MessageType.STREAM_HOLE, MessageType.REPLY);
    const payload = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));
    const sends = fc.array(fc.tuple(type, fc.nat(3), payload), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(sends, fc.boolean(), fc.boolean(), async (all, sparse, handled) => {
        sent = all;
        const read = async (): Promise<unknown> => {
          const shape = { ...reading, sparse };
          const { stream } = await connection.openStream(remote.storageVolDownload, args, shape);
          return handled ? stream.recvAll(() => {}) : stream.toArray();
        };
        const end = await read().then(
          () => "ended",
          (error: Error) => error.name,
        );
        expect(["ended", "DisconnectedError", "LibvirtError"]).toContain(end);
        await eventually(() => connection.extraConnections === 0);
      }),
      { numRuns: 150 },
    );
  });
});
