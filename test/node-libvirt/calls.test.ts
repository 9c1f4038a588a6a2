import { describe, expect, test, vi } from "vitest";
import { connect, procedureTable as remote } from "../../node-libvirt/src/index.ts";
import { MessageStatus, MessageType } from "../../node-libvirt/src/wire/frame.ts";
import { int, string } from "../../node-libvirt/src/wire/shape.ts";
import { calls, eventually, peer, xdr } from "./peer.ts";

const dom = { name: "vm", uuid: "00000000-0000-4000-8000-000000000001", id: 1 };
const sluggish = { timeout: 0, keepAlive: false } as const;

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
