import { once } from "node:events";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import type { WebSocket } from "ws";
import { openWebSocket } from "../../../api/kube/client/websocket.ts";
import { eventually } from "../cluster.ts";
import { node, refusal, useEnvironment } from "./environment.ts";
import { aMachine, anInstance } from "./objects.ts";

const environment = useEnvironment();
const { namespace } = environment;
const running = { phase: "Running", nodeName: node, interfaces: [{ name: "default" }] };
const open: WebSocket[] = [];
const paused = [{ type: "Paused", status: "True" }];

beforeAll(async () => {
  await environment.make(anInstance("up"), running);
  await environment.make(aMachine("up", "Halted"));
  await environment.make(aMachine("off", "Halted"), { printableStatus: "Stopped" });
  await environment.make(anInstance("paused"), { ...running, conditions: paused });
  await environment.make(anInstance("waiting"), { phase: "Scheduling" });
  await environment.make(anInstance("failed"), { phase: "Failed", nodeName: node });
  await environment.make(anInstance("lost"), { ...running, nodeName: "node-of-nobody" });
  await environment.make(
    anInstance("mute", { autoattachSerialConsole: false, autoattachGraphicsDevice: false }),
    running,
  );
  await environment.make(anInstance("lonely"), { phase: "Running", nodeName: node });
  const buttonless = { features: { acpi: { enabled: false } } };
  await environment.make(anInstance("deaf", {}, buttonless), running);
  const agent = [{ type: "AgentConnected", status: "True" }];
  await environment.make(anInstance("hears", {}, buttonless), { ...running, conditions: agent });
});

afterEach(() => {
  for (const socket of open.splice(0)) socket.terminate();
});

const daemonPath = (name: string): string => `/v1/namespaces/${namespace}/virtualmachineinstances/${name}`;

/** Opens a websocket through the API server and reads the first message, which is what the daemon was asked. */
async function connect(path: string, protocols = ["plain.kubevirt.io"]): Promise<{ socket: WebSocket; asked: string }> {
  const socket = await openWebSocket(environment.client, environment.path(path), { protocols });
  open.push(socket);
  const first = once(socket, "message");
  socket.resume();
  const [data] = await first;
  return { socket, asked: String(data).trim() };
}

describe("actions", () => {
  test("reach the daemon of the instance's node", async () => {
    expect((await environment.put("virtualmachineinstances/up/pause")).status).toBe(200);
    expect((await environment.put("virtualmachineinstances/paused/unpause")).status).toBe(200);
    expect((await environment.put("virtualmachineinstances/up/reset")).status).toBe(200);
    expect((await environment.put("virtualmachineinstances/up/freeze", '{"unfreezeTimeout": "0s"}')).status).toBe(200);
    const timed = '{"unfreezeTimeout": "5m0s"}';
    expect((await environment.put("virtualmachineinstances/up/freeze", timed)).status).toBe(200);
    await eventually(async () => expect(environment.printed).toContain(`PUT ${daemonPath("up")}/freeze/300`));
    expect((await environment.put("virtualmachineinstances/up/unfreeze")).status).toBe(200);
    await eventually(async () => expect(environment.printed).toContain(`PUT ${daemonPath("up")}/unfreeze`));
    const shot = await environment.get("virtualmachineinstances/up/vnc/screenshot?moveCursor=true");
    expect([shot.headers["content-type"], shot.body.toString("hex")]).toEqual(["image/png", "89504e470d0a1a0a"]);
  });

  test("show the log of the console, as far as it is asked for", async () => {
    const answer = await environment.client.stream(environment.path("virtualmachineinstances/up/log?follow=true"));
    const [first] = await once(answer, "data");
    expect(String(first)).toBe("first\n");
    answer.destroy();
  });

  test("that the daemon refuses are refused with its words", async () => {
    expect(await refusal(environment.put("virtualmachineinstances/up/softreboot"))).toEqual({
      code: 409,
      message: "the guest is deaf",
    });
  });

  test("that do not fit the instance's state are refused", async () => {
    const fulfilled = (name: string): string =>
      `Operation cannot be fulfilled on virtualmachineinstance.kubevirt.io "${name}": `;
    const table: (readonly [string, number, string, string?])[] = [
      ...["pause", "unpause", "softreboot", "reset"].map(
        (action) => [`nothing/${action}`, 404, 'virtualmachineinstance.kubevirt.io "nothing" not found'] as const,
      ),
      ["waiting/pause", 409, `${fulfilled("waiting")}VMI is not running`],
      ["paused/pause", 409, `${fulfilled("paused")}VMI is already paused`],
      ["up/unpause", 409, `${fulfilled("up")}VMI is not paused`],
      ["waiting/unpause", 409, `${fulfilled("waiting")}VMI is not running`],
      ["waiting/softreboot", 409, `${fulfilled("waiting")}VMI is not running`],
      ["paused/softreboot", 409, `${fulfilled("paused")}VMI is paused`],
      [
        "deaf/softreboot",
        409,
        `${fulfilled("deaf")}VMI neither have the agent connected nor the ACPI feature enabled`,
        '{"dryRun": ["All"]}',
      ],
      // So far it comes, and no further.
      ["hears/softreboot", 409, "the guest is deaf"],
      ["failed/reset", 409, `${fulfilled("failed")}VMI is not running`],
      ["waiting/freeze", 409, `${fulfilled("waiting")}VMI is not running`],
      ["waiting/unfreeze", 409, `${fulfilled("waiting")}VMI is not running`],
      ...['"5 minutes"', '"-1s"', "300"].map(
        (limit) =>
          [
            "up/freeze",
            400,
            `unfreezeTimeout: ${limit} is not a duration such as 5m0s`,
            `{"unfreezeTimeout": ${limit}}`,
          ] as const,
      ),
      ["up/pause", 400, 'dryRun: "Some" is not supported; the only value is "All"', '{"dryRun": ["Some"]}'],
      ["lost/pause", 503, 'no node daemon is running on node "node-of-nobody"'],
      ["up/backup", 501, "virtualmachineinstances/backup: not supported"],
      ["nothing/backup", 404, 'virtualmachineinstance.kubevirt.io "nothing" not found'],
    ];
    for (const [path, code, message, body] of table) {
      expect([path, await refusal(environment.put(`virtualmachineinstances/${path}`, body))]).toEqual([
        path,
        { code, message },
      ]);
    }
    for (const [path, code, message] of [
      ["nothing/vnc/screenshot", 404, 'virtualmachineinstance.kubevirt.io "nothing" not found'],
      ["waiting/vnc/screenshot", 400, "VMI is not running"],
      ["mute/vnc/screenshot", 400, "No graphics devices are present."],
      ["nothing/log", 404, 'virtualmachineinstance.kubevirt.io "nothing" not found'],
      ["waiting/log", 400, "VMI is not running"],
      ["off/log", 404, 'virtualmachine "off" has no instance whose log could be read: it is Stopped'],
      ["up/log?follow=2", 400, 'follow: "2" is neither true nor false'],
      ["up/guestosinfo", 501, "virtualmachineinstances/guestosinfo: not supported"],
      ["nothing/guestosinfo", 404, 'virtualmachineinstance.kubevirt.io "nothing" not found'],
      ["up/console/log", 404, "virtualmachineinstances/console/log: there is no such sub-resource"],
    ] as const) {
      const answer = await refusal(environment.get(`virtualmachineinstances/${path}`));
      expect([path, answer]).toEqual([path, { code, message }]);
    }
  });

  test("of a dry run are checked, and never reach the daemon", async () => {
    const before = environment.printed.length;
    const body = '{"dryRun": ["All"]}';
    // This daemon refuses to reboot, whoever asks it.
    for (const name of ["pause", "softreboot", "reset", "freeze", "unfreeze"]) {
      const { status, body: answer } = await environment.put(`virtualmachineinstances/up/${name}`, body);
      expect([name, status, answer.length]).toEqual([name, 200, 0]);
    }
    expect((await environment.put("virtualmachineinstances/paused/unpause?dryRun=All")).status).toBe(200);
    expect(await refusal(environment.put("virtualmachineinstances/paused/pause", body))).toMatchObject({ code: 409 });
    expect(environment.printed.slice(before).filter((line) => line.startsWith("PUT "))).toEqual([]);
  });
});

describe("websockets", () => {
  test("reach the daemon with the user's name, and carry bytes both ways", async () => {
    const { socket, asked } = await connect("virtualmachineinstances/up/console?readOnly=true");
    expect(socket.protocol).toBe("plain.kubevirt.io");
    expect(asked).toMatch(/\/virtualmachineinstances\/up\/console\?user=admin(&readOnly=true)?$/);
    for (const bytes of [Buffer.from("hello"), Buffer.alloc(300_000, 7)]) {
      const echo = once(socket, "message");
      socket.send(bytes);
      const [data, binary] = await echo;
      expect([Buffer.compare(data as Buffer, bytes), binary]).toEqual([0, true]);
    }
  });

  test("need no sub-protocol", async () => {
    const { socket } = await connect("virtualmachineinstances/up/vnc", []);
    expect(socket.protocol).toBe("");
  });

  test("that the daemon closes end with its code and reason", async () => {
    const { socket } = await connect("virtualmachineinstances/up/console");
    const closed = once(socket, "close");
    socket.send("go away");
    const [code, reason] = await closed;
    expect([code, String(reason)]).toEqual([1001, "taken over by bob: EOF"]);
  });

  test("that the client closes end at the daemon with its code and reason", async () => {
    const { socket } = await connect("virtualmachineinstances/up/console");
    socket.close(4001, "had enough");
    await eventually(async () => expect(environment.printed).toContain("closed 4001 had enough"));
  });

  test("whose daemon goes without a word end with a word", async () => {
    const { socket } = await connect("virtualmachineinstances/up/console");
    const closed = once(socket, "close");
    socket.send("die");
    const [code, reason] = await closed;
    expect([code, String(reason)]).toEqual([1011, "the connection to the node was lost"]);
  });

  test("of a slow client lose nothing", async () => {
    const { socket } = await connect("virtualmachineinstances/up/console");
    socket.pause();
    socket.send("flood");
    let bytes = 0;
    const all = Promise.withResolvers<void>();
    socket.on("message", (data: Buffer) => {
      bytes += data.length;
      if (bytes === 256 * 65_536) all.resolve();
    });
    socket.resume();
    await all.promise;
    expect(socket.readyState).toBe(socket.OPEN);
  });

  test("lead to a guest's port, of a machine or an instance", async () => {
    expect((await connect("virtualmachineinstances/up/portforward/22/tcp")).asked).toMatch(
      /\/portforward\/22\/tcp\?user=admin$/,
    );
    expect((await connect("virtualmachineinstances/up/portforward/53/udp")).asked).toMatch(
      /\/portforward\/53\/udp\?user=admin$/,
    );
    expect((await connect("virtualmachines/up/portforward/22")).asked).toMatch(
      /instances\/up\/portforward\/22\/tcp\?user=admin$/,
    );
    expect((await connect("virtualmachineinstances/up/portforward/80")).asked).toMatch(
      /\/portforward\/80\/tcp\?user=admin$/,
    );
  });

  test("whose daemon dies while it refuses, or whose client does, cost nobody else theirs", async () => {
    const { socket } = await connect("virtualmachineinstances/up/console");
    const refused = environment.path("virtualmachineinstances/up/portforward/10");
    for (let round = 0; round < 5; round += 1) {
      await expect(openWebSocket(environment.client, refused)).rejects.toBeInstanceOf(Error);
    }
    const echo = once(socket, "message");
    socket.send("still here");
    expect(String((await echo)[0])).toBe("still here");
  });

  test("are refused with words before they are opened", async () => {
    const console = (name: string): string => `virtualmachineinstances/${name}/console`;
    const forward = (name: string, port: string): string => `virtualmachineinstances/${name}/portforward/${port}`;
    const fulfilled = (name: string): string =>
      `Operation cannot be fulfilled on virtualmachineinstance.kubevirt.io "${name}": `;
    const table: [string, number, string][] = [
      [console("nothing"), 404, 'virtualmachineinstance.kubevirt.io "nothing" not found'],
      ["virtualmachineinstances/nothing/vnc", 404, 'virtualmachineinstance.kubevirt.io "nothing" not found'],
      [forward("nothing", "22"), 404, 'virtualmachineinstance.kubevirt.io "nothing" not found'],
      ["virtualmachines/nothing/portforward/22", 404, 'virtualmachine.kubevirt.io "nothing" not found'],
      [console("waiting"), 400, "VMI is not running"],
      [console("failed"), 409, `${fulfilled("failed")}VMI is in failed status`],
      [console("mute"), 400, "No serial consoles are present."],
      ["virtualmachineinstances/mute/vnc", 400, "No graphics devices are present."],
      ["virtualmachineinstances/waiting/vnc", 400, "VMI is not running"],
      [`${console("up")}?readOnly=maybe`, 400, 'readOnly: "maybe" is neither true nor false'],
      [console("lost"), 503, 'no node daemon is running on node "node-of-nobody"'],
      [forward("paused", "22"), 409, `${fulfilled("paused")}VMI is paused`],
      [forward("waiting", "22"), 409, `${fulfilled("waiting")}VMI is not running`],
      [
        "virtualmachines/off/portforward/22",
        409,
        'Operation cannot be fulfilled on virtualmachine.kubevirt.io "off": VM is not started',
      ],
      [forward("lonely", "22"), 400, "no network interfaces are present"],
      [forward("up", "0"), 400, 'port "0" is not a number from 1 to 65535'],
      [forward("up", "22/icmp"), 400, 'protocol "icmp" is not supported; use tcp or udp'],
      [forward("up", "9/tcp"), 502, '{"message":"port 9 closed"}'],
    ];
    for (const [path, code, message] of table) {
      expect(await refusal(openWebSocket(environment.client, environment.path(path)))).toEqual({ code, message });
    }
    expect(await refusal(environment.get(console("up")))).toEqual({ code: 426, message: "a websocket is needed here" });
  });
});
