import { describe, expect, test } from "vitest";
import { connect, procedureTable as remote } from "../../node-libvirt/src/index.ts";
import { domain } from "../../node-libvirt/src/protocol/structs.ts";
import { MessageType } from "../../node-libvirt/src/wire/frame.ts";
import { int } from "../../node-libvirt/src/wire/shape.ts";
import { type Client, calls, eventually, packet, peer, xdr } from "./peer.ts";

const dom = { name: "vm", uuid: "00000000-0000-4000-8000-000000000001", id: 1 };

/** A `reboot` event for a registration. */
const reboot = (callback: number, name = "vm"): Buffer =>
  packet(
    { type: MessageType.MESSAGE, procedure: 319 },
    Buffer.concat([xdr(int, callback), xdr(domain, { ...dom, name })]),
  );

/** A peer that numbers registrations from 1 and tells of the event before or after its reply. */
function registering(early: (callback: number) => Buffer[] = () => []) {
  let next = 0;
  return peer((call, client) => {
    if (calls(call, remote.connectDomainEventCallbackDeregisterAny)) client.answer(call);
    else if (calls(call, remote.connectDomainEventCallbackRegisterAny)) {
      const callback = ++next;
      for (const message of early(callback)) client.socket.write(message);
      client.answer(call, xdr(int, callback));
    } else return false;
    return true;
  });
}

const deregistered = (client: Client): number =>
  client.calls.filter((call) => calls(call, remote.connectDomainEventCallbackDeregisterAny)).length;

describe("an event", () => {
  test("is heard even when it comes before the reply to its registration", async () => {
    await using other = await registering((callback) => [reboot(99), reboot(callback, "early")]);
    await using connection = await connect(other.path);
    const heard: string[] = [];
    await connection.on("reboot", ({ domain: { name } }) => heard.push(name));
    other.clients[0]!.socket.write(Buffer.concat([reboot(98), reboot(1, "late")]));
    await eventually(() => heard.length === 2);
    expect(heard).toEqual(["early", "late"]);
  });

  test("goes to whom it is for, by the callback id", async () => {
    await using other = await registering();
    await using connection = await connect(other.path);
    const heard: string[] = [];
    await connection.on("reboot", () => heard.push("first"));
    await connection.on("reboot", () => heard.push("second"), { domain: dom });
    other.clients[0]!.socket.write(Buffer.concat([reboot(2), reboot(1)]));
    await eventually(() => heard.length === 2);
    expect(heard).toEqual(["second", "first"]);
  });

  test("comes as a domain to go on with, and is read with for await", async () => {
    await using other = await registering();
    await using connection = await connect(other.path);
    const events = await connection.events("reboot");
    other.clients[0]!.socket.write(Buffer.concat([reboot(1, "a"), reboot(1, "b"), reboot(1, "c")]));
    const names: string[] = [];
    for await (const { domain: rebooted } of events) {
      expect(rebooted.uuid).toBe(dom.uuid);
      if (names.push(rebooted.name) === 2) break;
    }
    expect(names).toEqual(["a", "b"]);
    await eventually(() => deregistered(other.clients[0]!) === 1);
  });

  test("is heard no more after the subscription was closed, or its signal came", async () => {
    await using other = await registering();
    await using connection = await connect(other.path);
    const heard: number[] = [];
    const one = await connection.on("reboot", () => heard.push(1));
    const abort = new AbortController();
    await connection.on("reboot", () => heard.push(2), { signal: abort.signal, domain: dom });
    await connection.on("reboot", () => heard.push(3));
    await one.close();
    abort.abort();
    await eventually(() => deregistered(other.clients[0]!) === 1);
    other.clients[0]!.socket.write(Buffer.concat([reboot(2), reboot(1)]));
    await eventually(() => heard.length > 0);
    expect(heard).toEqual([3]);
  });

  test("is registered for once, however many listen, as libvirt refuses a second time", async () => {
    await using other = await registering();
    await using connection = await connect(other.path);
    const heard: number[] = [];
    const all = await Promise.all([1, 2, 3].map((number) => connection.on("reboot", () => heard.push(number))));
    other.clients[0]!.socket.write(reboot(1));
    await eventually(() => heard.length === 3);
    await Promise.all(all.map((one) => one.close()));
    await connection.on("reboot", () => heard.push(4));
    other.clients[0]!.socket.write(reboot(2));
    await eventually(() => heard.length === 4);
    const made = other.clients[0]!.calls.map(({ procedure }) => procedure).filter((number) =>
      [316, 317].includes(number),
    );
    expect(made).toEqual([316, 317, 316]);
  });
});

describe("an iterator", () => {
  test("ends quietly when we close the connection, and with the cause when it is lost", async () => {
    await using other = await registering();
    const closed = await connect(other.path);
    const quiet = await closed.events("reboot");
    const ended = quiet.next();
    await closed.close();
    expect(await ended).toEqual({ done: true, value: undefined });

    const lost = await connect(other.path);
    const events = await lost.events("reboot");
    other.clients[1]!.socket.end(reboot(2, "last"));
    expect((await events.next()).value?.domain.name).toBe("last");
    await expect(events.next()).rejects.toMatchObject({ reason: "ended" });
    expect(await events.next()).toEqual({ done: true, value: undefined });
  });

  test("that nobody reads holds so many events, then says that it is incomplete", async () => {
    await using other = await registering();
    await using connection = await connect(other.path);
    const events = await connection.events("reboot", { bufferLimit: 2 });
    other.clients[0]!.socket.write(Buffer.concat([reboot(1, "a"), reboot(1, "b"), reboot(1, "c")]));
    await eventually(() => deregistered(other.clients[0]!) === 1);
    expect([(await events.next()).value?.domain.name, (await events.next()).value?.domain.name]).toEqual(["a", "b"]);
    await expect(events.next()).rejects.toMatchObject({ name: "EventOverflowError" });
  });
});

describe("after a lost connection", () => {
  test("it is made again, registered again, and then said so", async () => {
    await using other = await registering();
    await using connection = await connect(other.path, { reconnect: { minDelay: 1, maxDelay: 5 } });
    const story: string[] = [];
    connection.onDisconnect(({ reason }) => story.push(`lost: ${reason}`));
    connection.onReconnect(() => story.push("back"));
    connection.onClose(({ reason }) => story.push(`closed: ${reason}`));
    await connection.on("reboot", ({ domain: { name } }) => story.push(name));
    const gone = await connection.on("reboot", () => story.push("not me"), { domain: dom });
    await gone.close();
    other.clients[0]!.socket.destroy();
    await eventually(() => story.includes("lost: ended"));
    await eventually(() => connection.connected);
    // The third registration: the one that is left, on the second connection.
    other.clients[1]!.socket.write(Buffer.concat([reboot(1, "old"), reboot(3, "new")]));
    await eventually(() => story.length === 3);
    await connection.close();
    expect(story).toEqual(["lost: ended", "back", "new", "closed: closed"]);
  });

  test("calls fail with why it was lost until it is back, and closing ends the attempts", async () => {
    const other = await registering();
    const connection = await connect(other.path, { reconnect: { minDelay: 1, maxDelay: 2 } });
    await other[Symbol.asyncDispose]();
    await eventually(() => !connection.connected);
    await expect(connection.getHostname()).rejects.toMatchObject({ reason: "ended" });
    await expect(connection.on("reboot", () => {})).rejects.toMatchObject({ reason: "ended" });
    const closed = new Promise((resolve) => connection.onClose(resolve));
    await connection.close();
    expect(await closed).toMatchObject({ reason: "closed" });
    await expect(connection.getHostname()).rejects.toMatchObject({ reason: "closed" });
  });
});
