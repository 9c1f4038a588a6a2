import { stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  DomainModificationImpact as Affect,
  type Connection,
  connect,
  DomainCreateFlags,
  DomainStatsTypes,
  DomainUndefineFlags,
  DomainVcpuFlags,
  DomainXMLFlags,
  type LibvirtError,
} from "../../../node-libvirt/src/index.ts";
import { eventually, guestXML, remove } from "./guest.ts";
import { type Prepared, prepare } from "./guest-files.ts";
import type { LibvirtNode } from "./libvirt-node.ts";
import { libvirts } from "./libvirts.ts";

const name = "nl-domain";
let node: LibvirtNode;
let connection: Connection;
let files: Prepared;
beforeAll(async () => {
  node = (await libvirts())[0]!;
  connection = await connect(node.socket);
  files = await prepare(node);
  for (const one of [name, "nl-renamed", "nl-short"]) await remove(connection, one);
});
afterAll(async () => {
  for (const one of [name, "nl-renamed", "nl-short"]) await remove(connection, one);
  await connection.close();
});

const xml = (): string => guestXML({ name, files, vcpus: "current='1'>3" });

describe("a domain", () => {
  test("is defined, found in every way, described, renamed and undefined", async () => {
    const domain = await connection.defineXML(xml());
    expect(domain).toMatchObject({ name, id: -1 });
    expect(await connection.lookupByName(name)).toMatchObject({ uuid: domain.uuid });
    expect(await connection.lookupByUUID(domain.uuid)).toMatchObject({ name });
    expect((await connection.listAllDomains()).map((one) => one.name)).toContain(name);
    expect(await domain.isPersistent()).toBe(true);
    expect(await domain.isActive()).toBe(false);
    expect(await domain.getState()).toEqual({ state: "SHUTOFF", reason: "UNKNOWN" });
    expect(await domain.getOSType()).toBe("hvm");
    expect(await domain.getXMLDesc(DomainXMLFlags.INACTIVE)).toContain(`<name>${name}</name>`);
    expect(await domain.getAutostart()).toBe(false);
    await domain.setAutostart(true);
    expect(await domain.getAutostart()).toBe(true);
    await domain.rename("nl-renamed");
    await expect(connection.lookupByName(name)).rejects.toMatchObject({ code: "VIR_ERR_NO_DOMAIN" });
    const renamed = await connection.lookupByName("nl-renamed");
    expect(renamed.uuid).toBe(domain.uuid);
    await renamed.undefine(DomainUndefineFlags.NVRAM);
    await expect(connection.lookupByUUID(domain.uuid)).rejects.toMatchObject({
      code: "VIR_ERR_NO_DOMAIN",
      domain: "VIR_FROM_QEMU",
    });
  });

  test("carries metadata, in its definition and while it runs", async () => {
    const domain = await connection.defineXML(xml());
    await domain.setMetadata("TITLE", "a title", {}, Affect.CONFIG);
    await domain.setMetadata("DESCRIPTION", "a description", {}, Affect.CONFIG);
    const uri = "https://example.com/ns";
    await domain.setMetadata("ELEMENT", "<x>1</x>", { key: "e", uri }, Affect.CONFIG);
    expect(await domain.getMetadata("TITLE")).toBe("a title");
    expect(await domain.getMetadata("DESCRIPTION")).toBe("a description");
    expect(await domain.getMetadata("ELEMENT", uri)).toContain("1");
    await domain.setMetadata("ELEMENT", undefined, { key: "e", uri }, Affect.CONFIG);
    await expect(domain.getMetadata("ELEMENT", uri)).rejects.toMatchObject({ code: "VIR_ERR_NO_DOMAIN_METADATA" });
    await domain.undefine();
  });

  test("is started, stopped, let go on, reset, saved, restored, dumped and destroyed", async () => {
    const domain = await connection.defineXML(xml());
    await domain.create(DomainCreateFlags.PAUSED);
    expect(await domain.getState()).toEqual({ state: "PAUSED", reason: "USER" });
    const running = await connection.lookupByName(name);
    expect(running.id).toBeGreaterThan(0);
    expect((await connection.lookupByID(running.id)).uuid).toBe(domain.uuid);
    await expect(domain.create()).rejects.toMatchObject({ code: "VIR_ERR_OPERATION_INVALID" });
    await domain.resume();
    expect(await domain.getState()).toMatchObject({ state: "RUNNING" });
    await domain.suspend();
    expect(await domain.getState()).toEqual({ state: "PAUSED", reason: "USER" });
    await domain.resume();
    await domain.reset();
    await domain.reboot();
    await domain.injectNMI();
    await domain.sendKey([28]);
    // libvirt itself asks QEMU while it works on the events of the reset and the reboot.
    await eventually(async () => (await domain.getControlInfo()).state === "OK");
    expect(await domain.isUpdated()).toBe(false);
    expect(await domain.getMessages()).toEqual(expect.any(Array));

    const saved = `${files.folder}/saved`;
    await domain.save(saved);
    expect(await domain.isActive()).toBe(false);
    expect(await connection.saveImageGetXMLDesc(saved)).toContain(name);
    await connection.restore(saved);
    expect(await domain.getState()).toMatchObject({ state: "RUNNING" });

    await domain.managedSave();
    expect(await domain.hasManagedSaveImage()).toBe(true);
    await domain.create();
    expect(await domain.hasManagedSaveImage()).toBe(false);
    expect(await domain.getState()).toMatchObject({ state: "RUNNING" });
    await domain.managedSave();
    await domain.managedSaveRemove();
    expect(await domain.hasManagedSaveImage()).toBe(false);

    await domain.create();
    const core = `${files.folder}/core`;
    await domain.coreDump(core, "RAW", 16);
    expect((await stat(join(node.root, core))).size).toBeGreaterThan(160 * 2 ** 20);
    expect((await domain.memoryPeek(0, 16)).length).toBe(16);
    await domain.destroy();
    expect(await domain.getState()).toEqual({ state: "SHUTOFF", reason: "DESTROYED" });
    await domain.undefine();
  });

  test("that was started with AUTODESTROY ends with its connection", async () => {
    const short = await connect(node.socket);
    const domain = await short.createXML(guestXML({ name: "nl-short", files }), DomainCreateFlags.AUTODESTROY);
    expect(await domain.isActive()).toBe(true);
    expect(await domain.isPersistent()).toBe(false);
    await short.close();
    await eventually(() =>
      connection.lookupByUUID(domain.uuid).then(
        () => false,
        (error) => error.code === "VIR_ERR_NO_DOMAIN",
      ),
    );
  });
});

describe("a running domain's resources", () => {
  beforeEach(() => remove(connection, name));

  test("are counted, pinned and changed", async () => {
    const domain = await connection.defineXML(xml());
    await domain.create();
    const info = await domain.getInfo();
    expect(info).toMatchObject({ state: "RUNNING", maxMem: 160 * 1024, nrVirtCpu: 1, cpuTime: expect.any(BigInt) });
    expect(info.cpuTime).toBeGreaterThan(0n);
    expect(await domain.getMaxMemory()).toBe(160 * 1024);

    const { online } = await connection.getNodeCPUMap();
    const cpu = online.at(-1)!;
    await domain.pinVcpu(0, [cpu], Affect.LIVE);
    expect((await domain.getVcpuPinInfo(Affect.LIVE))[0]).toEqual([cpu]);
    const [vcpu] = await domain.getVcpus();
    expect(vcpu).toMatchObject({ number: 0, state: "RUNNING", affinity: [cpu] });
    await domain.pinEmulator([online[0]!], Affect.LIVE);
    expect(await domain.getEmulatorPinInfo(Affect.LIVE)).toEqual([online[0]]);
    // Where libvirt makes no cgroups, nobody counts.
    const usage = await domain.getCPUStats().catch((error: LibvirtError) => error.code);
    expect([expect.objectContaining({ cpu_time: expect.any(Number) }), "VIR_ERR_OPERATION_INVALID"]).toContainEqual(
      usage,
    );

    await domain.setVcpus(2, DomainVcpuFlags.LIVE);
    expect(await domain.getVcpusFlags(DomainVcpuFlags.LIVE)).toBe(2);
    await domain.setVcpu([2], true, Affect.LIVE);
    expect(await domain.getVcpusFlags(DomainVcpuFlags.LIVE)).toBe(3);
    expect(await domain.getVcpusFlags(DomainVcpuFlags.LIVE | DomainVcpuFlags.MAXIMUM)).toBe(3);
    await expect(domain.setVcpu([7], false, Affect.LIVE)).rejects.toMatchObject({ code: "VIR_ERR_INVALID_ARG" });

    await domain.setMemory(128 * 1024, Affect.LIVE);
    await domain.setMemoryStatsPeriod(1, Affect.LIVE);
    await eventually(async () => (await domain.memoryStats()).ACTUAL_BALLOON === 128 * 1024);
    const stats = await connection.getAllDomainStats({
      stats: DomainStatsTypes.STATE | DomainStatsTypes.VCPU,
      domains: [domain],
    });
    expect(stats).toHaveLength(1);
    expect(stats[0]!.domain.uuid).toBe(domain.uuid);
    expect(stats[0]!.params).toMatchObject({ "state.state": 1, "vcpu.current": 3 });
    const all = (await connection.getAllDomainStats()).find((one) => one.domain.uuid === domain.uuid);
    expect(Object.keys(all!.params).length).toBeGreaterThan(Object.keys(stats[0]!.params).length);

    await domain.destroy();
    await domain.undefine();
  });

  test("devices are plugged in, changed and taken out", async () => {
    const domain = await connection.createXML(guestXML({ name, files }));
    const mac = "52:54:00:aa:bb:cc";
    const nic = (link: string) =>
      `<interface type="user"><mac address="${mac}"/><model type="virtio"/><link state="${link}"/></interface>`;
    await domain.attachDevice(nic("up"));
    expect(await domain.getXMLDesc()).toContain(mac);
    await domain.updateDevice(nic("down"));
    expect(await domain.getXMLDesc()).toContain(`<link state='down'/>`);
    await expect(
      domain.attachDevice(`<disk type="file"><source file="/nowhere"/><target dev="vdz" bus="virtio"/></disk>`),
    ).rejects.toMatchObject({ name: "LibvirtError" });
    await domain.destroy();
  });

  test("the monitor is asked in its two languages", async () => {
    const domain = await connection.createXML(guestXML({ name, files }));
    expect(JSON.parse(await domain.monitorCommand(`{"execute":"query-status"}`))).toMatchObject({
      return: { running: true },
    });
    expect(await domain.monitorCommand("info status", 1)).toContain("running");
    await domain.startDirtyRateCalc(1);
    await eventually(async () => {
      const [stats] = await connection.getAllDomainStats({ stats: DomainStatsTypes.DIRTYRATE, domains: [domain] });
      return stats!.params["dirtyrate.calc_status"] === 2;
    });
    expect(await domain.getLaunchSecurityInfo()).toEqual({});
    await domain.destroy();
  });
});
