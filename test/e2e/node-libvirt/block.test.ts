import { open, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  BlockCommitFlags,
  BlockCopyFlags,
  BlockJobAbortFlags,
  BlockResizeFlags,
  type Connection,
  connect,
  type Domain,
  DomainUndefineFlags,
  SnapshotCreateFlags,
} from "../../../node-libvirt/src/index.ts";
import { eventually, guestXML, remove } from "./guest.ts";
import { type Prepared, prepare } from "./guest-files.ts";
import { type LibvirtNode, libvirts } from "./libvirts.ts";

const name = "nl-block";
const mebibyte = 2 ** 20;
let node: LibvirtNode;
let connection: Connection;
let files: Prepared;
let domain: Domain;

/** Makes a sparse raw disk on the node. */
async function disk(file: string, size: number): Promise<string> {
  const path = join(files.folder, file);
  await rm(join(node.root, path), { force: true });
  await using handle = await open(join(node.root, path), "w", 0o666);
  await handle.truncate(size);
  return path;
}

/** Makes a qcow2 volume of a throw-away pool, since only libvirt has qemu-img at hand. */
async function qcow2(file: string, capacity: number): Promise<string> {
  const path = `${files.folder}/${file}`;
  await rm(join(node.root, path), { force: true });
  const pool = await connection.storagePoolCreateXML(
    `<pool type="dir"><name>nl-block</name><target><path>${files.folder}</path></target></pool>`,
  );
  try {
    const volume = await pool.createVolumeXML(
      `<volume><name>${file}</name><capacity>${capacity}</capacity><target><format type="qcow2"/><compat>1.1</compat><permissions><mode>0666</mode></permissions></target></volume>`,
    );
    return await volume.getPath();
  } finally {
    await pool.destroy();
  }
}

const diskXML = (file: string, target: string, format = "raw") =>
  `<disk type="file"><driver name="qemu" type="${format}"/><source file="${file}"/><target dev="${target}" bus="virtio"/></disk>`;

beforeAll(async () => {
  node = (await libvirts())[0]!;
  connection = await connect(node.socket);
  files = await prepare(node);
  const left = await connection.storagePoolLookupByName("nl-block").catch(() => undefined);
  await left?.destroy();
});
afterAll(() => connection.close());
beforeEach(() => remove(connection, name));
afterEach(() => remove(connection, name));

async function started(devices: string): Promise<Domain> {
  domain = await connection.defineXML(guestXML({ name, files, devices }));
  await domain.create();
  return domain;
}

describe("a running domain's disk", () => {
  test("is measured, limited, resized, plugged in and out", async () => {
    await started(diskXML(await disk("vda.raw", 8 * mebibyte), "vda"));
    expect(await domain.getBlockInfo("vda")).toMatchObject({ capacity: 8 * mebibyte });
    await domain.blockResize("vda", 16 * mebibyte, BlockResizeFlags.BYTES);
    expect(await domain.getBlockInfo("vda")).toMatchObject({ capacity: 16 * mebibyte });
    await domain.blockResize("vda", 20 * 1024);
    expect(await domain.getBlockInfo("vda")).toMatchObject({ capacity: 20 * mebibyte });
    expect((await domain.blockStats("vda")).rdReq).toBeGreaterThanOrEqual(0);
    expect(await domain.blockStatsFlags("vda")).toMatchObject({ rd_operations: expect.any(Number) });
    await domain.setBlockIoTune("vda", { total_bytes_sec: 2 ** 33, read_iops_sec: 0 });
    expect(await domain.getBlockIoTune("vda")).toMatchObject({ total_bytes_sec: 2 ** 33 });
    expect(await domain.getDiskErrors()).toEqual([]);

    const second = diskXML(await disk("vdb.raw", mebibyte), "vdb");
    await domain.attachDevice(second);
    expect(await domain.getBlockInfo("vdb")).toMatchObject({ capacity: mebibyte });
  });

  test("is copied, and the domain moved to the copy", async () => {
    await started(diskXML(await disk("vda.raw", 8 * mebibyte), "vda"));
    const copy = `${files.folder}/copy.raw`;
    await rm(join(node.root, copy), { force: true });
    const jobs = await connection.events("blockJob2", { domain });
    const ready = eventOf(jobs, "READY");
    // Slow, so that there is time to look.
    await domain.blockCopy(
      "vda",
      `<disk type="file"><source file="${copy}"/><driver type="raw"/></disk>`,
      { bandwidth: mebibyte },
      BlockCopyFlags.TRANSIENT_JOB,
    );
    expect(await domain.getBlockJobInfo("vda")).toMatchObject({ type: "COPY" });
    await domain.blockJobSetSpeed("vda", 0);
    expect(await ready).toMatchObject({ dst: "vda", type: "COPY", status: "READY" });
    await domain.blockJobAbort("vda", BlockJobAbortFlags.PIVOT);
    expect(await domain.getXMLDesc()).toContain(copy);
    expect(await domain.getBlockJobInfo("vda")).toBeUndefined();
    expect((await stat(join(node.root, copy))).size).toBe(8 * mebibyte);
  });

  test("gets an external snapshot, which is committed, pulled and rebased away again", async () => {
    const base = await qcow2("base.qcow2", 8 * mebibyte);
    await started(diskXML(base, "vda", "qcow2"));
    const jobs = await connection.events("blockJob2", { domain });
    const snapshot = async (file: string) => {
      await rm(join(node.root, `${files.folder}/${file}`), { force: true });
      await domain.snapshotCreateXML(
        `<domainsnapshot><disks><disk name="vda"><source file="${files.folder}/${file}"/></disk></disks></domainsnapshot>`,
        SnapshotCreateFlags.DISK_ONLY | SnapshotCreateFlags.NO_METADATA,
      );
      expect(await domain.getXMLDesc()).toContain(`${file}'`);
    };
    await snapshot("over.qcow2");
    let done = eventOf(jobs, "READY");
    await domain.blockCommit("vda", {}, BlockCommitFlags.ACTIVE);
    expect(await done).toMatchObject({ type: "ACTIVE_COMMIT" });
    done = eventOf(jobs, "COMPLETED");
    await domain.blockJobAbort("vda", BlockJobAbortFlags.PIVOT);
    await done;
    expect(await domain.getXMLDesc()).not.toContain("over.qcow2");

    await snapshot("over.qcow2");
    await snapshot("third.qcow2");
    done = eventOf(jobs, "COMPLETED");
    await domain.blockRebase("vda", { base });
    expect(await done).toMatchObject({ type: "PULL", status: "COMPLETED" });
    expect(await domain.getXMLDesc()).not.toContain("over.qcow2");
    done = eventOf(jobs, "COMPLETED");
    await domain.blockPull("vda");
    expect(await done).toMatchObject({ type: "PULL", status: "COMPLETED" });
    await eventually(async () => !(await domain.getXMLDesc()).includes("base.qcow2"));
  });

  test("tells when more than a threshold has been written", async () => {
    await started(diskXML(await qcow2("threshold.qcow2", 8 * mebibyte), "vda", "qcow2"));
    await domain.setBlockThreshold("vda", 4 * mebibyte);
    const [stats] = await connection.getAllDomainStats({ domains: [domain] });
    expect(stats!.params["block.0.threshold"]).toBe(4 * mebibyte);
  });
});

describe("a domain's snapshots", () => {
  test("are made, found, reverted to and deleted", async () => {
    await started(diskXML(await qcow2("snap.qcow2", 8 * mebibyte), "vda", "qcow2"));
    expect(await domain.hasCurrentSnapshot()).toBe(false);
    await expect(domain.snapshotCurrent()).rejects.toMatchObject({ code: "VIR_ERR_NO_DOMAIN_SNAPSHOT" });
    const first = await domain.snapshotCreateXML("<domainsnapshot><name>first</name></domainsnapshot>");
    await domain.snapshotCreateXML("<domainsnapshot><name>second</name></domainsnapshot>");
    expect((await domain.listAllSnapshots()).map((one) => one.name).toSorted()).toEqual(["first", "second"]);
    const second = await domain.snapshotLookupByName("second");
    expect((await second.getParent()).name).toBe("first");
    expect((await first.listAllChildren()).map((one) => one.name)).toEqual(["second"]);
    expect((await domain.snapshotCurrent()).name).toBe("second");
    expect(await second.isCurrent()).toBe(true);
    expect(await first.hasMetadata()).toBe(true);
    expect(await first.getXMLDesc()).toContain("<name>first</name>");
    await first.revert();
    expect(await first.isCurrent()).toBe(true);
    expect(await domain.getState()).toMatchObject({ state: "RUNNING", reason: "FROM_SNAPSHOT" });
    for (const one of [second, first]) await one.delete();
    expect(await domain.listAllSnapshots()).toEqual([]);
  });
});

describe("a domain's backup", () => {
  test("is pushed to a file from a checkpoint on, and its job told", async () => {
    await started(diskXML(await qcow2("backup.qcow2", 8 * mebibyte), "vda", "qcow2"));
    const target = `${files.folder}/backup-target.qcow2`;
    await rm(join(node.root, target), { force: true });
    const completed = await connection.events("jobCompleted", { domain });
    await domain.backupBegin(
      `<domainbackup mode="push"><disks><disk name="vda" type="file"><target file="${target}"/></disk></disks></domainbackup>`,
      { checkpointXml: "<domaincheckpoint><name>one</name></domaincheckpoint>" },
    );
    for await (const event of completed) {
      expect(event.params).toMatchObject({ operation: 9, success: true });
      break;
    }
    await expect(domain.backupGetXMLDesc()).rejects.toMatchObject({ code: "VIR_ERR_NO_DOMAIN_BACKUP" });
    expect((await stat(join(node.root, target))).size).toBeGreaterThan(0);

    const second = await domain.checkpointCreateXML("<domaincheckpoint><name>two</name></domaincheckpoint>");
    expect((await second.getParent()).name).toBe("one");
    const one = await domain.checkpointLookupByName("one");
    expect((await one.listAllChildren()).map((child) => child.name)).toEqual(["two"]);
    expect(await one.getXMLDesc()).toContain("<name>one</name>");
    expect((await domain.listAllCheckpoints()).map((checkpoint) => checkpoint.name).toSorted()).toEqual(["one", "two"]);
    await second.delete();
    await one.delete();
    expect(await domain.listAllCheckpoints()).toEqual([]);
    await domain.destroy();
    await domain.undefine(DomainUndefineFlags.CHECKPOINTS_METADATA);
  });

  test("that is pulled shows its XML and is ended by aborting the job", async () => {
    await started(diskXML(await qcow2("backup.qcow2", 8 * mebibyte), "vda", "qcow2"));
    const scratch = `${files.folder}/scratch.qcow2`;
    await rm(join(node.root, scratch), { force: true });
    await domain.backupBegin(
      `<domainbackup mode="pull"><server transport="unix" socket="${files.folder}/nbd.sock"/><disks><disk name="vda" type="file"><scratch file="${scratch}"/></disk></disks></domainbackup>`,
    );
    expect(await domain.backupGetXMLDesc()).toContain(`mode='pull'`);
    expect(await domain.getJobInfo()).toMatchObject({ type: "UNBOUNDED" });
    expect((await domain.getJobStats()).params).toMatchObject({ operation: 9 });
    await domain.abortJob();
    await eventually(async () => (await domain.getJobInfo()).type === "NONE");
  });
});

/** The next event of a block job that has that status. */
async function eventOf<T extends { status: string }>(
  events: AsyncIterableIterator<T, undefined>,
  status: string,
): Promise<T> {
  for (;;) {
    const { value } = await events.next();
    if (!value) throw new Error("no more events");
    if (value.status === status) return value;
  }
}
