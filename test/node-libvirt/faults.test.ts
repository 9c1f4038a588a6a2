import { once } from "node:events";
import { createServer } from "node:net";
import { buffer } from "node:stream/consumers";
import * as fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import {
  type Connection,
  type ConnectOptions,
  connect,
  procedureTable as remote,
} from "../../node-libvirt/src/index.ts";
import { MessageStatus, MessageType } from "../../node-libvirt/src/wire/frame.ts";
import { array, int, string } from "../../node-libvirt/src/wire/shape.ts";
import { calls, eventually, packet, peer, xdr } from "./peer.ts";

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

describe("a call", () => {
  test("is given up after its time limit, and the late answer harms nobody", async () => {
    let late: (() => void) | undefined;
    await using other = await peer((call, client) => {
      if (!calls(call, remote.connectGetHostname)) return false;
      if (late) client.answer(call, xdr(string, "second"));
      else late = () => client.answer(call, xdr(string, "first"));
      return true;
    });
    await using connection = await connect(other.path, sluggish);
    await expect(connection.getHostname({ timeout: 20 })).rejects.toMatchObject({
      name: "CallTimeoutError",
      procedure: "connectGetHostname",
      timeout: 20,
    });
    await vi.waitFor(() => expect(late).toBeDefined(), 20_000);
    late!();
    expect(await connection.getHostname()).toBe("second");
  });

  test("is given up by its signal, before, while and without being sent", async () => {
    await using other = await peer(() => {});
    await using connection = await connect(other.path, sluggish);
    await expect(connection.getHostname({ signal: AbortSignal.abort(new Error("no")) })).rejects.toThrow("no");
    const abort = new AbortController();
    const waiting = Array.from({ length: 6 }, () => connection.getHostname({ signal: abort.signal }));
    abort.abort(new Error("enough"));
    for (const one of await Promise.allSettled(waiting)) expect(one).toMatchObject({ reason: { message: "enough" } });
  });

  test("whose arguments do not fit is refused, and the connection goes on", async () => {
    await using other = await peer((call, client) => {
      if (!calls(call, remote.connectGetHostname)) return false;
      client.answer(call, xdr(string, "here"));
      return true;
    });
    await using connection = await connect(other.path, sluggish);
    await expect(connection.lookupByUUID("nonsense")).rejects.toBeInstanceOf(TypeError);
    await expect(connection.lookupByID(2 ** 40)).rejects.toBeInstanceOf(RangeError);
    const long = "x".repeat(33 * 1024 * 1024);
    await expect(connection.lookupByName(long)).rejects.toBeInstanceOf(RangeError);
    expect(await connection.getHostname()).toBe("here");
  });

  test("is told libvirt's error with its names", async () => {
    await using other = await peer((call, client) => {
      if (!calls(call, remote.domainLookupByName)) return false;
      const error = [xdr(int, 42), xdr(int, 10), Buffer.from([0, 0, 0, 1]), xdr(string, "no domain"), xdr(int, 2)];
      const rest = [
        Buffer.alloc(4),
        Buffer.from([0, 0, 0, 1]),
        xdr(string, "one"),
        Buffer.alloc(8),
        xdr(int, 7),
        xdr(int, -1),
      ];
      client.answer(call, Buffer.concat([...error, ...rest, Buffer.alloc(4)]), { status: MessageStatus.ERROR });
      return true;
    });
    await using connection = await connect(other.path, sluggish);
    await expect(connection.lookupByName("x")).rejects.toMatchObject({
      name: "LibvirtError",
      code: "VIR_ERR_NO_DOMAIN",
      number: 42,
      domain: "VIR_FROM_QEMU",
      level: "ERROR",
      message: "no domain",
      str1: "one",
      str2: undefined,
      int1: 7,
      int2: -1,
      procedure: "domainLookupByName",
    });
  });

  test("may be answered with file descriptors, which are passed over", async () => {
    await using other = await peer((call, client) => {
      if (!calls(call, remote.connectGetHostname)) return false;
      const payload = Buffer.concat([xdr(int, 2), xdr(string, "with two")]);
      client.answer(call, payload, { type: MessageType.REPLY_WITH_FDS });
      client.socket.write(Buffer.alloc(2));
      return true;
    });
    await using connection = await connect(other.path, sluggish);
    expect([await connection.getHostname(), await connection.getHostname()]).toEqual(["with two", "with two"]);
  });
});

describe("calls side by side", () => {
  test("are never more than four on the main connection; who waits too long gets one of its own", async () => {
    await using other = await peer((call, client) => {
      if (!calls(call, remote.connectGetHostname) || client === other.clients[0]) return false;
      client.answer(call, xdr(string, "elsewhere"));
      return true;
    });
    await using connection = await connect(other.path, { ...sluggish, patience: 10 });
    const waiting = Array.from({ length: 7 }, () => connection.getHostname());
    for (const one of waiting) one.catch(() => {});
    expect(await Promise.all(waiting.slice(4))).toEqual(["elsewhere", "elsewhere", "elsewhere"]);
    const made = other.clients[0]!.calls.filter((call) => calls(call, remote.connectGetHostname));
    expect(made).toHaveLength(4);
    await eventually(() => connection.extraConnections === 0);
  });

  test("that are short never queue behind long ones, and keep their time limit while they wait", async () => {
    await using other = await peer(() => {});
    await using connection = await connect(other.path, { ...sluggish, patience: 5, maxLongCalls: 1 });
    const long = [
      connection.call(remote.domainManagedSave, { dom }),
      connection.call(remote.domainManagedSave, { dom }),
    ];
    const hung = Array.from({ length: 8 }, () => connection.getHostname());
    for (const one of [...long, ...hung]) one.catch(() => {});
    // One main connection, one for the long job whose turn it is, four for the short calls that found it crowded.
    await eventually(() => other.clients.length === 6);
    await eventually(() => other.clients.every((client) => client.calls.length >= 3));
    await expect(connection.getHostname({ timeout: 30 })).rejects.toMatchObject({ name: "CallTimeoutError" });
    await eventually(() => connection.extraConnections === 5);
  });

  test("leave the main connection to short calls while long ones run, and never fill libvirtd's workers", async () => {
    const held: (() => void)[] = [];
    await using other = await peer((call, client) => {
      if (calls(call, remote.domainManagedSave)) held.push(() => client.answer(call));
      if (!calls(call, remote.connectGetHostname)) return false;
      client.answer(call, xdr(string, "quick"));
      return true;
    });
    await using connection = await connect(other.path, { ...sluggish, maxLongCalls: 3 });
    const jobs = Array.from({ length: 5 }, () => connection.call(remote.domainManagedSave, { dom }));
    await eventually(() => held.length === 3);
    expect(await connection.getHostname()).toBe("quick");
    expect(connection.extraConnections).toBe(3);
    expect(other.clients[0]!.calls.some((call) => calls(call, remote.domainManagedSave))).toBe(false);
    for (let at = 0; at < 5; at++) {
      await eventually(() => held.length > at);
      held[at]!();
    }
    await Promise.all(jobs);
    await eventually(() => connection.extraConnections === 0);
  });
});

/** A peer that wants polkit, and whose polkit says so. */
const polkit = (complete: number) =>
  peer((call, client) => {
    if (calls(call, remote.authPolkit)) client.answer(call, xdr(int, complete));
    else if (calls(call, remote.authList)) client.answer(call, xdr(array(int), [2]));
    else return false;
    return true;
  });

describe("connecting", () => {
  test("where nobody listens", async () => {
    await expect(connect("/nowhere/sock")).rejects.toMatchObject({
      name: "DisconnectedError",
      reason: "unreachable",
      message: "no libvirt at /nowhere/sock",
      cause: { code: "ENOENT" },
    });
  });

  test("where the connection is cut in the middle of it", async () => {
    await using other = await peer((call, client) => {
      if (!calls(call, remote.connectOpen)) return false;
      client.socket.destroy();
      return true;
    });
    await expect(connect(other.path)).rejects.toMatchObject({ name: "DisconnectedError", reason: "ended" });
  });

  test("where nothing is ever answered: by time limit and by signal", async () => {
    const server = createServer(() => {}).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    const uri = `qemu+tcp://127.0.0.1:${port}/system`;
    await expect(connect(uri, { connectTimeout: 30 })).rejects.toMatchObject({ name: "TimeoutError" });
    const abort = new AbortController();
    const attempt = connect(uri, { signal: abort.signal });
    abort.abort(new Error("never mind"));
    await expect(attempt).rejects.toThrow("never mind");
    server.close();
  });

  test.each([
    [[1], "SASL"],
    [[7], "7"],
  ])("where libvirt wants authentication of types %s", async (types, told) => {
    await using other = await peer((call, client) => {
      if (!calls(call, remote.authList)) return false;
      client.answer(call, xdr(array(int), types));
      return true;
    });
    await expect(connect(other.path)).rejects.toMatchObject({
      reason: "authentication",
      message: expect.stringContaining(`by ${told},`),
    });
  });

  test("where polkit lets us in", async () => {
    await using other = await polkit(1);
    await using connection = await connect(other.path, sluggish);
    expect(connection.connected).toBe(true);
  });

  test("where polkit does not let us in", async () => {
    await using other = await polkit(0);
    await expect(connect(other.path)).rejects.toMatchObject({
      reason: "authentication",
      message: "polkit does not let us in",
    });
  });
});

describe("the keep-alive", () => {
  test("answers libvirt's ping, after having asked for it", async () => {
    await using other = await peer(() => {});
    await using _held = await connect(other.path);
    const [client] = other.clients;
    expect(client!.calls.some((call) => calls(call, remote.connectSupportsFeature))).toBe(true);
    client!.socket.write(packet({ program: 0x6b656570, procedure: 1, type: MessageType.MESSAGE }));
    await eventually(() => client!.calls.some(({ program, procedure }) => program === 0x6b656570 && procedure === 2));
  });

  test("leaves a quiet but living libvirtd alone", async () => {
    let pings = 0;
    await using other = await peer((call, client) => {
      if (call.program !== 0x6b656570 || call.procedure !== 1) return false;
      pings++;
      client.socket.write(packet({ program: 0x6b656570, procedure: 2, type: MessageType.MESSAGE }));
      return true;
    });
    await using connection = await connect(other.path, { keepAlive: { interval: 5, count: 20 } });
    await eventually(() => pings > 10);
    expect(connection.connected).toBe(true);
  });
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
