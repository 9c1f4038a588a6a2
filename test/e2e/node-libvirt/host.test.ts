import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Connection, connect, type LibvirtError, procedureTable } from "../../../node-libvirt/src/index.ts";
import { libvirts } from "./libvirts.ts";

let connection: Connection;
let socket: string;
beforeAll(async () => {
  [{ socket } = { socket: "" }] = await libvirts();
  connection = await connect(socket);
});
afterAll(() => connection.close());

describe("a connection knows the host", () => {
  test("its versions and names", async () => {
    expect(await connection.getLibVersion()).toBeGreaterThanOrEqual(9_000_000);
    expect(await connection.getVersion()).toBeGreaterThanOrEqual(7_002_000);
    expect(await connection.getType()).toBe("QEMU");
    expect(await connection.getHostname()).toMatch(/./);
  });

  test("its CPUs and memory", async () => {
    const info = await connection.getNodeInfo();
    expect(info.model).toBe("x86_64");
    expect(info.cpus).toBe(info.nodes * info.sockets * info.cores * info.threads);
    const { online, count } = await connection.getNodeCPUMap();
    expect(online.length).toBe(info.cpus);
    expect(Math.max(...online)).toBeLessThan(count);
    const stats = await connection.getNodeCPUStats();
    expect(stats.idle).toBeGreaterThan(0);
    const memory = await connection.getNodeMemoryStats();
    expect(memory.total).toBeGreaterThan(memory.free!);
    expect(await connection.getFreeMemory()).toBeGreaterThan(2 ** 20);
    expect(await connection.getCellsFreeMemory()).toHaveLength(info.nodes);
    expect(await connection.getMaxVcpus("qemu")).toBeGreaterThan(0);
  });

  test("its capabilities", async () => {
    expect(await connection.getCapabilities()).toContain("<capabilities>");
    const query = { arch: "x86_64", virttype: "qemu", machine: "q35" };
    expect(await connection.getDomainCapabilities(query)).toContain("<domain>qemu</domain>");
    const models = await connection.getCPUModelNames("x86_64");
    expect(models).toContain("qemu64");
    const cpu = "<cpu><arch>x86_64</arch><model>qemu64</model></cpu>";
    expect(await connection.compareCPU(cpu)).toBeGreaterThanOrEqual(0);
    expect(await connection.baselineCPU([cpu])).toContain("<model");
  });

  test("and says what it lacks by libvirt's code", async () => {
    const codes = ["VIR_ERR_OPERATION_UNSUPPORTED", "VIR_ERR_CONFIG_UNSUPPORTED", "VIR_ERR_NO_SUPPORT"];
    const sysinfo = await connection.getSysinfo().catch((error: LibvirtError) => error.code);
    expect([...codes, expect.stringContaining("<sysinfo")]).toContainEqual(sysinfo);
    await expect(connection.getSEVInfo()).rejects.toMatchObject({ code: expect.toBeOneOf(codes) });
  });
});

describe("a secret", () => {
  test("is kept, shown to who may see it, and forgotten", async () => {
    const xml = `<secret ephemeral="yes" private="no"><description>test</description><usage type="ceph"><name>node-libvirt</name></usage></secret>`;
    const secret = await connection.secretDefineXML(xml);
    try {
      const value = Buffer.from([0, 1, 2, 255]);
      await secret.setValue(value);
      expect(await secret.getValue()).toEqual(value);
      expect((await connection.listAllSecrets()).map(({ uuid }) => uuid)).toContain(secret.uuid);
      const found = await connection.secretLookupByUUID(secret.uuid);
      expect(found).toMatchObject({ usageType: "CEPH", usageID: "node-libvirt" });
      expect((await connection.secretLookupByUsage("CEPH", "node-libvirt")).uuid).toBe(secret.uuid);
      expect(await found.getXMLDesc()).toContain("<description>test</description>");
    } finally {
      await secret.undefine();
    }
    await expect(connection.secretLookupByUUID(secret.uuid)).rejects.toMatchObject({ code: "VIR_ERR_NO_SECRET" });
  });
});

describe("a connection", () => {
  test("takes any procedure of the table", async () => {
    expect(await connection.call(procedureTable.connectGetHostname, {})).toEqual({
      hostname: await connection.getHostname(),
    });
  });

  test("that may only look is refused what it may not", async () => {
    await using looking = await connect(socket, { readOnly: true });
    expect(await looking.getHostname()).toMatch(/./);
    await expect(looking.defineXML("<domain/>")).rejects.toMatchObject({ code: "VIR_ERR_OPERATION_DENIED" });
  });

  test("to a driver that is not there is refused by libvirt's code", async () => {
    await expect(connect(socket, { uri: "vmware:///session" })).rejects.toMatchObject({ name: "LibvirtError" });
  });

  test("says when it is over", async () => {
    const short = await connect(socket);
    const reasons: string[] = [];
    short.onClose(({ reason }) => reasons.push(reason));
    using _held = short.onClose(({ reason }) => reasons.push(reason));
    await short.close();
    expect(reasons).toEqual(["closed", "closed"]);
    await expect(short.getHostname()).rejects.toMatchObject({ name: "DisconnectedError", reason: "closed" });
  });

  test("has many calls under way at a time, all answered", async () => {
    const names = await Promise.all(Array.from({ length: 300 }, () => connection.getHostname()));
    expect(new Set(names).size).toBe(1);
  });
});
