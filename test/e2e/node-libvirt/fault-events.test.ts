import { execFileSync } from "node:child_process";
import { truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  type Connection,
  connect,
  type Domain,
  type DomainEventName,
  DomainModificationImpact,
  MonitorCommandFlags,
} from "../../../node-libvirt/src/index.ts";
import { eventsOf } from "./events-of.ts";
import { bootedGuest, eventually, guestXML, remove } from "./guest.ts";
import { type Prepared, prepare } from "./guest-files.ts";
import type { LibvirtNode } from "./libvirt-node.ts";
import { libvirts } from "./libvirts.ts";

const name = "nl-fault-events";
const mebibyte = 2 ** 20;
let node: LibvirtNode;
let connection: Connection;
let files: Prepared;
beforeAll(async () => {
  node = (await libvirts())[0]!;
  connection = await connect(node.socket);
  files = await prepare(node);
});
afterAll(() => connection.close());
const heard = <K extends DomainEventName>(kind: K) => eventsOf(connection, name, kind);
beforeEach(() => remove(connection, name));
afterEach(() => remove(connection, name));

/** XML of a guest whose memory can grow by the given devices. */
function growing(devices: string, memory = 160): string {
  return guestXML({ name, files, devices, memory })
    .replace("<memory ", `<maxMemory slots="4" unit="MiB">1024</maxMemory><memory `)
    .replace("</model></cpu>", `</model><numa><cell id="0" cpus="0" memory="160" unit="MiB"/></numa></cpu>`);
}

/** Writes to a port of the guest's machine, as its own kernel would: `size` is b, h or w. */
async function out(domain: Domain, size: string, port: number, value: number): Promise<void> {
  await domain.monitorCommand(`o/${size} ${port} ${value}`, MonitorCommandFlags.HMP);
}

/** Runs a command in a node's mount namespace. */
function onNode(...command: string[]): void {
  const pid = /^\/proc\/(\d+)\/root/.exec(node.root)?.[1];
  execFileSync("nsenter", ["-t", pid!, "-m", "-r", "-w", ...command]);
}

describe("libvirt's events of what goes wrong tell of", () => {
  test("a watchdog that nobody feeds, and a guest that suspends itself to disk", async () => {
    const dogs = await heard("watchdog");
    const asleep = await heard("pmSuspendDisk");
    const domain = await bootedGuest(connection, {
      name,
      files,
      xml: guestXML({ name, files, devices: `<watchdog model="ib700" action="none"/>` }),
    });
    // The last of the ib700's times is none at all.
    await out(domain, "b", 0x443, 0x0f);
    await eventually(() => dogs.length > 0);
    expect(dogs[0]).toMatchObject({ action: "NONE" });
    // Sleep now (bit 13), in the state that is S4 here (2 in bits 10 to 12), by the ICH9's power management.
    await out(domain, "h", 0x604, 0x2800);
    await eventually(() => asleep.length > 0);
  });

  test("memory that the guest does not give back, and memory that fails", async () => {
    const refused = await heard("deviceRemovalFailed");
    const failures = await heard("memoryFailure");
    const dimm = `<memory model="dimm"><target><size unit="MiB">128</size><node>0</node></target></memory>`;
    const domain = await bootedGuest(connection, { name, files, xml: growing(dimm, 288) });
    // What ACPI's _OST of the first slot writes: the answer to a request to eject (3) is failure (1).
    await out(domain, "w", 0xa00, 0);
    await out(domain, "w", 0xa04, 3);
    await out(domain, "w", 0xa08, 1);
    await eventually(() => refused.length > 0);
    expect(refused[0]).toMatchObject({ devAlias: "dimm0" });
    // CPU 0, bank 9: an uncorrected error at an address.
    await domain.monitorCommand("mce 0 9 0xbd000000000000c0 0xd 0x62000000 0x8c", MonitorCommandFlags.HMP);
    await eventually(() => failures.length > 0);
    expect(failures[0]).toMatchObject({ recipient: "GUEST" });
  });

  test("memory that grows by what was asked of it", async () => {
    const sizes = await heard("memoryDeviceSizeChange");
    const device = `<memory model="virtio-mem"><target><size unit="MiB">256</size><node>0</node><block unit="KiB">2048</block>
      <requested unit="KiB">0</requested></target><alias name="ua-mem"/></memory>`;
    const domain = await bootedGuest(connection, { name, files, xml: growing(device, 416) });
    const there = /<memory model='virtio-mem'>[^]*?<\/memory>/.exec(await domain.getXMLDesc())?.[0] ?? "";
    const larger = there.replace(/(<requested[^>]*>)0</, `$1${128 * 1024}<`);
    await domain.updateDevice(larger, DomainModificationImpact.LIVE);
    await eventually(() => sizes.some(({ size }) => size === 128 * 1024));
    expect(sizes[0]).toMatchObject({ alias: "ua-mem" });
  });

  test("a disk whose file system is full", async () => {
    const errors = await heard("ioError");
    const reasons = await heard("ioErrorReason");
    const full = `${files.folder}/full`;
    onNode("mkdir", "-p", full);
    onNode("mount", "-t", "tmpfs", "-o", "size=1m,mode=0777", "none", full);
    try {
      const file = `${full}/disk.raw`;
      await writeFile(join(node.root, file), "", { mode: 0o666 });
      await truncate(join(node.root, file), 8 * mebibyte);
      const disk = `<disk type="file"><driver name="qemu" type="raw" error_policy="enospace"/><source file="${file}"/><target dev="vda" bus="virtio"/></disk>`;
      const domain = await bootedGuest(connection, { name, files, xml: guestXML({ name, files, devices: disk }) });
      // Its end is not waited for: the guest stands still as soon as the disk is full.
      const fill = { path: "/bin/sh", arg: ["-c", "dd if=/dev/zero of=/dev/vda bs=65536 count=64 conv=fsync"] };
      await domain.agentCommand(JSON.stringify({ execute: "guest-exec", arguments: fill }), 30);
      await eventually(() => errors.length > 0 && reasons.length > 0);
      expect(errors[0]).toMatchObject({ srcPath: file, devAlias: "virtio-disk0", action: "PAUSE" });
      expect(reasons[0]).toMatchObject({ srcPath: file, reason: "enospc" });
    } finally {
      await remove(connection, name);
      onNode("umount", full);
    }
  });

  test("a QEMU monitor whose answer is too long for libvirt", async () => {
    const lost = await heard("controlError");
    const domain = await connection.createXML(guestXML({ name, files }));
    // More than the 10 MiB that libvirt takes in one line.
    await domain.monitorCommand("xp/3000000xb 0", MonitorCommandFlags.HMP).catch(() => {});
    await eventually(() => lost.length > 0);
    expect(await domain.getControlInfo()).toMatchObject({ state: "ERROR" });
  });
});
