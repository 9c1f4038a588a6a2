import { buffer } from "node:stream/consumers";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Connection,
  type ConnectOptions,
  connect,
  procedureTable as remote,
} from "../../node-libvirt/src/index.ts";
import { MessageType } from "../../node-libvirt/src/wire/frame.ts";
import { calls, eventually, packet, peer } from "./peer.ts";

const dom = { name: "vm", uuid: "00000000-0000-4000-8000-000000000001", id: 1 };
const sluggish = { timeout: 0, keepAlive: false } as const;

/** A connection to a peer that answers nothing but the welcome, with these calls under way. */
async function stuck(
  path: string,
  options: ConnectOptions = sluggish,
): Promise<{ connection: Connection; waiting: Promise<unknown>[] }> {
  const connection = await connect(path, options);
  const iterator = connection.events("lifecycle");
  const waiting = [
    ...Array.from({ length: 4 }, () => connection.getHostname()),
    // The fourth call waits for room, the next are long and on connections of their own.
    connection.call(remote.domainManagedSave, { dom }),
    connection.openStream(remote.domainOpenConsole, { dom }, { readable: true, writable: true }),
    iterator,
  ];
  for (const one of waiting) one.catch(() => {});
  return { connection, waiting };
}

describe("whatever becomes of the connection, all that waits is told at once", () => {
  test("the other side closes it", async () => {
    await using other = await peer(() => {});
    const { connection, waiting } = await stuck(other.path);
    await eventually(() => other.clients.length === 3 && other.clients.every(({ calls: made }) => made.length >= 3));
    const closed = new Promise((resolve) => connection.onClose(resolve));
    for (const { socket } of other.clients) socket.destroy();
    for (const one of await Promise.allSettled(waiting)) {
      expect(one).toMatchObject({ status: "rejected", reason: { name: "DisconnectedError", reason: "ended" } });
    }
    expect(await closed).toMatchObject({ reason: "ended" });
    await expect(connection.getHostname()).rejects.toMatchObject({ reason: "ended" });
    expect(connection.connected).toBe(false);
  });

  test("the main connection alone is lost: its long jobs and streams go with it", async () => {
    await using other = await peer(() => {});
    const { waiting } = await stuck(other.path);
    await eventually(() => other.clients.length === 3 && other.clients.every(({ calls: made }) => made.length >= 3));
    other.clients[0]!.socket.destroy();
    const ends = await Promise.allSettled(waiting);
    expect(ends.map(({ status }) => status)).toEqual(ends.map(() => "rejected"));
  });

  test("we close it ourselves", async () => {
    await using other = await peer(() => {});
    const { connection, waiting } = await stuck(other.path);
    await connection.close();
    for (const one of await Promise.allSettled(waiting)) {
      expect(one).toMatchObject({ status: "rejected", reason: { name: "DisconnectedError", reason: "closed" } });
    }
    await eventually(() => other.clients.every(({ socket }) => socket.destroyed));
  });

  test("the other side freezes: found out by unanswered pings", async () => {
    await using other = await peer(() => {});
    const { waiting } = await stuck(other.path, { timeout: 0, keepAlive: { interval: 20, count: 2 } });
    for (const one of await Promise.allSettled(waiting)) {
      expect(one).toMatchObject({ status: "rejected", reason: { name: "DisconnectedError", reason: "frozen" } });
    }
    expect(other.clients[0]!.calls.filter(({ program }) => program === 0x6b656570)).toHaveLength(2);
  });

  test("the other side sends nonsense", async () => {
    await using other = await peer(() => {});
    const { waiting } = await stuck(other.path);
    other.clients[0]!.socket.write("HTTP/1.1 400 Bad Request\r\n\r\n");
    for (const one of await Promise.allSettled(waiting)) {
      expect(one).toMatchObject({
        status: "rejected",
        reason: { reason: "malformed", cause: { name: "MalformedError" } },
      });
    }
  });

  test.each([
    ["a reply to no call", packet({ serial: 999 })],
    ["a call", packet({ type: MessageType.CALL, serial: 1 })],
    ["another version", packet({ version: 2, serial: 1 })],
    ["an unknown status", packet({ status: 3 })],
    ["an unknown type", packet({ type: 7 })],
    ["an event without a callback id", packet({ type: MessageType.MESSAGE, procedure: 318 })],
  ])("the other side sends %s", async (_what, bytes) => {
    await using other = await peer(() => {});
    const connection = await connect(other.path, sluggish);
    const call = connection.getHostname();
    other.clients[0]!.socket.write(bytes);
    await expect(call).rejects.toMatchObject({ reason: "malformed" });
  });

  test("the answer is another procedure's, or not what the procedure returns", async () => {
    for (const wrong of [{ procedure: 4 }, {}]) {
      await using other = await peer((call, client) => {
        if (!calls(call, remote.connectGetHostname)) return false;
        client.answer(call, Buffer.from([0xff, 0xff, 0xff, 0xff]), wrong);
        return true;
      });
      const connection = await connect(other.path, sluggish);
      await expect(connection.getHostname()).rejects.toMatchObject({ reason: "malformed" });
    }
  });
});

test("any bytes from the other side end in one clear error or nothing, never a hang or a crash", async () => {
  let bytes: Buffer = Buffer.alloc(0);
  await using other = await peer((call, client) => {
    if (!calls(call, remote.connectListAllDomains)) return false;
    client.socket.end(bytes);
    return true;
  });
  const word = fc.oneof(
    fc.nat(64),
    fc.constantFrom(0x20008086, 273, 28, 32, 64),
    fc.integer({ min: 0, max: 0xffff_ffff }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(word, { maxLength: 40 }), fc.boolean(), async (words, framed) => {
      const payload = Buffer.alloc(words.length * 4);
      words.forEach((value, at) => {
        payload.writeUInt32BE(value, at * 4);
      });
      bytes = framed ? packet({ procedure: 273, serial: 4, status: (words[0] ?? 0) % 2 }, payload) : payload;
      await using connection = await connect(other.path, sluggish);
      await connection.listAllDomains().then(
        (domains) => expect(Array.isArray(domains)).toBe(true),
        (error: Error) => expect(error.name).toMatch(/^(DisconnectedError|LibvirtError)$/),
      );
    }),
    { numRuns: 200 },
  );
});

test("a stream of the connection's ends with it", async () => {
  await using other = await peer((call, client) => {
    if (!calls(call, remote.domainOpenConsole)) return false;
    client.answer(call);
    return true;
  });
  const connection = await connect(other.path, sluggish);
  const { stream } = await connection.openStream(remote.domainOpenConsole, { dom }, { readable: true, writable: true });
  const read = buffer(stream);
  await connection.close();
  await expect(read).rejects.toMatchObject({ reason: "closed" });
});
