import { rm, writeFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  type Connection,
  connect,
  type DomainEventName,
  domainEvents,
  MonitorEventFlags,
} from "../../../node-libvirt/src/index.ts";
import { eventsOf } from "./events-of.ts";
import { bootedGuest, eventually, guestXML, remove, run } from "./guest.ts";
import { type Prepared, prepare } from "./guest-files.ts";
import { libvirts } from "./libvirts.ts";

const name = "nl-events";
let root: string;
let connection: Connection;
let files: Prepared;
beforeAll(async () => {
  const node = (await libvirts())[0]!;
  ({ root } = node);
  connection = await connect(node.socket);
  files = await prepare(node);
});
afterAll(() => connection.close());
const heard = <K extends DomainEventName>(kind: K) => eventsOf(connection, name, kind);
beforeEach(() => remove(connection, name));
afterEach(() => remove(connection, name));

describe("libvirt's events", () => {
  test("of every kind can be registered for", async () => {
    for (const kind of Object.keys(domainEvents) as DomainEventName[]) {
      const subscription = await connection.on(kind, () => {});
      await expect(subscription.close()).resolves.toBeUndefined();
    }
  });

  test("tell a domain's life from definition to its end", async () => {
    const events = await heard("lifecycle");
    const domain = await connection.defineXML(guestXML({ name, files }));
    await domain.create();
    await domain.suspend();
    await domain.resume();
    await domain.destroy();
    await domain.undefine();
    await eventually(() => events.some(({ event }) => event === "UNDEFINED"));
    const story = events.map(({ event, detail }) => `${event} ${detail}`);
    // Whether QEMU's own farewell is heard before its end is a matter of luck.
    expect(story.filter((one) => one !== "SHUTDOWN HOST")).toEqual([
      "DEFINED ADDED",
      "RESUMED UNPAUSED",
      "STARTED BOOTED",
      "SUSPENDED PAUSED",
      "RESUMED UNPAUSED",
      "STOPPED DESTROYED",
      "UNDEFINED REMOVED",
    ]);
  });

  test("tell of one domain only, if so asked", async () => {
    const one = await connection.defineXML(guestXML({ name, files }));
    const other = await connection.defineXML(guestXML({ name: "nl-other", files }));
    const names: string[] = [];
    await connection.on("metadataChange", ({ domain }) => names.push(domain.name), { domain: one });
    await other.setMetadata("TITLE", "x");
    await one.setMetadata("TITLE", "x");
    await eventually(() => names.length > 0);
    expect(names).toEqual([name]);
    await remove(connection, "nl-other");
  });

  test("tell of metadata, devices, the balloon, the clock, the agent and reboots", async () => {
    const metadata = await heard("metadataChange");
    const added = await heard("deviceAdded");
    const removed = await heard("deviceRemoved");
    const balloon = await heard("balloonChange");
    const agent = await heard("agentLifecycle");
    const reboots = await heard("reboot");
    const domain = await bootedGuest(connection, { name, files });
    await eventually(() => agent.some(({ state, reason }) => state === "CONNECTED" && reason === "CHANNEL"));
    await domain.setMetadata("ELEMENT", "<x/>", { key: "k", uri: "urn:node-libvirt" });
    await eventually(() => metadata.length > 0);
    expect(metadata[0]).toMatchObject({ type: "ELEMENT", nsuri: "urn:node-libvirt" });
    const nic = `<interface type="user"><mac address="52:54:00:00:00:09"/><model type="virtio"/><alias name="ua-nic"/></interface>`;
    await domain.attachDevice(nic);
    await eventually(() => added.some(({ devAlias }) => devAlias === "ua-nic"));
    await domain.detachDeviceAlias("ua-nic");
    await eventually(() => removed.some(({ devAlias }) => devAlias === "ua-nic"));
    await domain.attachDevice(nic);
    await domain.detachDevice(nic);
    await eventually(() => removed.length === 2);
    await domain.setMemory(100 * 1024);
    await eventually(() => balloon.some(({ actual }) => actual === 100 * 1024));
    await domain.reset();
    await eventually(() => reboots.length > 0);
  });

  test("tell of a tray, a clock, a tuning, a missing disk, a VNC client and a disk that fills up", async () => {
    const trays = await heard("trayChange");
    const clocks = await heard("rtcChange");
    const tunings = await heard("tunable");
    const missing = await heard("diskChange");
    const graphics = await heard("graphics");
    const thresholds = await heard("blockThreshold");
    const vnc = `${files.folder}/vnc.sock`;
    await rm(join(root, vnc), { force: true });
    await writeFile(join(root, files.folder, "cd.iso"), Buffer.alloc(65536));
    await writeFile(join(root, files.folder, "events.raw"), Buffer.alloc(8 * 2 ** 20), { mode: 0o666 });
    const xml = guestXML({
      name,
      files,
      devices: `<controller type="scsi" model="virtio-scsi"/>
        <disk type="file"><driver name="qemu" type="raw"/><source file="${files.folder}/events.raw"/><target dev="vda" bus="virtio"/></disk>
        <disk type="file" device="cdrom"><source file="${files.folder}/cd.iso"/><target dev="sda" bus="scsi"/><readonly/></disk>
        <disk type="file" device="cdrom"><source file="/nowhere.iso" startupPolicy="optional"/><target dev="sdb" bus="scsi"/><readonly/></disk>`,
    }).replace(`<listen type="none"/>`, `<listen type="socket" socket="${vnc}"/>`);
    const domain = await bootedGuest(connection, { name, files, xml });
    expect(missing[0]).toMatchObject({
      oldSrcPath: "/nowhere.iso",
      reason: expect.stringContaining("MISSING_ON_START"),
    });

    await domain.pinVcpu(0, [0], 1);
    await eventually(() => tunings.length > 0);
    expect(tunings[0]!.params).toEqual({ "cputune.vcpupin0": "0" });

    await domain.setBlockThreshold("vda", 2 ** 20);
    await run(domain, "dd if=/dev/zero of=/dev/vda bs=65536 seek=32 count=1 conv=fsync");
    await eventually(() => thresholds.length > 0);
    expect(thresholds[0]).toMatchObject({ dev: "vda", threshold: 2 ** 20 });

    await run(domain, "date -s '2030-01-01 00:00:00' && hwclock -w -u");
    await eventually(() => clocks.length > 0);
    expect(clocks.at(-1)!.utcOffset).toBeGreaterThan(86_400);

    const socket = createConnection(join(root, vnc));
    socket.once("data", () => socket.write("RFB 003.008\n")).on("error", () => {});
    await eventually(() => graphics.some(({ phase }) => phase === "CONNECT"));
    expect(graphics[0]).toMatchObject({ phase: "CONNECT", local: { family: "UNIX" } });
    socket.destroy();
    await eventually(() => graphics.some(({ phase }) => phase === "DISCONNECT"));

    await domain.updateDevice(`<disk type="file" device="cdrom"><target dev="sda" bus="scsi"/><readonly/></disk>`);
    await eventually(() => trays.length > 0);
    expect(trays[0]).toMatchObject({ reason: "OPEN" });
  });

  test("of QEMU's own monitor are told by name or pattern", async () => {
    const names: string[] = [];
    await connection.onMonitorEvent(
      ({ event, domain, details }) => {
        expect(domain.name).toBe(name);
        if (details) JSON.parse(details);
        names.push(event);
      },
      { event: "^(STOP|RESUME)$", flags: MonitorEventFlags.REGEX },
    );
    const domain = await connection.createXML(guestXML({ name, files }));
    await domain.suspend();
    await eventually(() => names.includes("STOP"));
    expect(names.every((event) => ["STOP", "RESUME"].includes(event))).toBe(true);
  });
});
