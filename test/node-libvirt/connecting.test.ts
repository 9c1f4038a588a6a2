import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { connect, procedureTable as remote } from "../../node-libvirt/src/index.ts";
import { MessageType } from "../../node-libvirt/src/wire/frame.ts";
import { array, int } from "../../node-libvirt/src/wire/shape.ts";
import { calls, eventually, packet, peer, xdr } from "./peer.ts";

const sluggish = { timeout: 0, keepAlive: false } as const;

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
