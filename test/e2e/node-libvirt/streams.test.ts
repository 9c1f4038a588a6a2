import { createHash, randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Connection,
  connect,
  type Domain,
  type Hole,
  procedureTable,
  type StoragePool,
} from "../../../node-libvirt/src/index.ts";
import { bootedGuest, eventually, remove, run } from "./guest.ts";
import { type Prepared, prepare } from "./guest-files.ts";
import type { LibvirtNode } from "./libvirt-node.ts";
import { libvirts } from "./libvirts.ts";

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

describe("a guest's", () => {
  const name = "nl-streams";
  let domain: Domain;
  beforeAll(async () => {
    domain = await bootedGuest(connection, { name, files });
  });
  afterAll(() => remove(connection, name));

  test("screen is a picture", async () => {
    const { mime, stream } = await domain.screenshot();
    const picture = await buffer(stream);
    expect(mime).toBe("image/png");
    expect(picture.subarray(1, 4).toString()).toBe("PNG");
    await eventually(() => connection.extraConnections === 0);
  });

  test("stream of any procedure of the table is opened, too", async () => {
    const shape = { readable: true, writable: false };
    const args = { dom: domain, screen: 0 };
    const { result, stream } = await connection.openStream(procedureTable.domainScreenshot, args, shape);
    expect(result.mime).toBe("image/png");
    stream.destroy();
    await eventually(() => connection.extraConnections === 0);
  });

  test("console is read and written, also while nobody reads", async () => {
    const console = await domain.openConsole();
    await run(domain, "(sleep 0; echo from the 'guest') > /dev/ttyS0");
    let text = "";
    console.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
    });
    await eventually(() => text.includes("from the guest"));
    console.pause();
    await run(domain, "for i in $(seq 200); do echo 0123456789 > /dev/ttyS0; done; echo behind > /dev/ttyS0");
    console.resume();
    await eventually(() => text.includes("behind"));
    console.end();
    await eventually(() => console.closed);
    expect(console.errored).toBeNull();
  });

  test("console of a suspended guest takes what it can and holds nothing else up", async () => {
    const console = await domain.openConsole();
    console.on("error", () => {});
    await domain.suspend();
    try {
      // More than libvirtd takes from a client before it stops reading, whatever its max_client_requests.
      let written = 0;
      for (let at = 0; at < 256; at++) console.write(Buffer.alloc(65536, 0x20), () => written++);
      // The trap: written to the shared connection, this would freeze it.
      for (let at = 0; at < 50; at++) expect(await connection.getHostname()).toMatch(/./);
      expect(written).toBeLessThan(256);
    } finally {
      console.destroy();
      await domain.resume();
      await eventually(() => console.closed);
    }
    await eventually(() => connection.extraConnections === 0);
  });

  test("channel is one to it alone", async () => {
    const channel = await domain.openChannel("node-libvirt.echo");
    await run(domain, "cd /dev/virtio-ports; (cat <>node-libvirt.echo >&0) >/dev/null 2>&1 &");
    const sent = randomBytes(20_000).toString("hex");
    const heard: Buffer[] = [];
    channel.on("data", (chunk: Buffer) => heard.push(chunk));
    channel.write(sent);
    await eventually(() => Buffer.concat(heard).length >= sent.length);
    expect(Buffer.concat(heard).toString()).toBe(sent);
    channel.end();
    await eventually(() => channel.closed);
  });

  test("console that is not there is refused", async () => {
    await expect(domain.openConsole("nowhere")).rejects.toMatchObject({ name: "LibvirtError" });
    await eventually(() => connection.extraConnections === 0);
  });

  test("console ends by itself when the guest does", async () => {
    // libvirtd lets go of a console that was full in its own time.
    const console = await eventually(() =>
      domain.openConsole().catch((error: Error) => {
        if (!error.message.includes("Active console session exists")) throw error;
        return undefined;
      }),
    );
    const read = buffer(console);
    await domain.destroy();
    expect((await read).length).toBeGreaterThanOrEqual(0);
    await eventually(() => console.closed);
  });
});

const volumeXML = (name: string, capacity: number, allocation = capacity): string =>
  `<volume><name>${name}</name><capacity>${capacity}</capacity><allocation>${allocation}</allocation></volume>`;

describe("a volume", () => {
  let pool: StoragePool;
  beforeAll(async () => {
    const path = `${files.folder}/pool`;
    await rm(join(node.root, path), { recursive: true, force: true });
    const left = await connection.storagePoolLookupByName("nl-pool").catch(() => undefined);
    await left?.destroy().catch(() => {});
    await left?.undefine();
    pool = await connection.storagePoolDefineXML(
      `<pool type="dir"><name>nl-pool</name><target><path>${path}</path></target></pool>`,
    );
    await pool.build();
    await pool.create();
  });

  test("'s pool is described and found", async () => {
    expect(await pool.isActive()).toBe(true);
    expect(await pool.isPersistent()).toBe(true);
    expect(await pool.getInfo()).toMatchObject({ state: "RUNNING" });
    expect(await pool.getXMLDesc()).toContain("nl-pool");
    await pool.setAutostart(true);
    expect(await pool.getAutostart()).toBe(true);
    expect((await connection.storagePoolLookupByUUID(pool.uuid)).name).toBe("nl-pool");
    expect((await connection.listAllStoragePools()).map(({ name }) => name)).toContain("nl-pool");
    await pool.refresh();
  });

  test("is uploaded and downloaded, whole and in part, byte by byte the same", async () => {
    const content = randomBytes(5 * mebibyte + 13);
    const volume = await pool.createVolumeXML(volumeXML("bytes", content.length));
    await pipeline(Readable.from([content]), await volume.upload());
    expect(await buffer(await volume.download())).toEqual(content);
    const received = createHash("sha256");
    await (await volume.download()).recvAll((piece) => void received.update(piece));
    expect(received.digest("hex")).toBe(createHash("sha256").update(content).digest("hex"));
    const part = await volume.download({ offset: 1000, length: 300_000 });
    expect(await buffer(part)).toEqual(content.subarray(1000, 301_000));
    expect(await volume.getInfo()).toMatchObject({ type: "FILE", capacity: content.length });
    expect(await volume.getXMLDesc()).toContain("<name>bytes</name>");
    const found = await connection.storageVolLookupByPath(await volume.getPath());
    expect(found).toMatchObject({ key: volume.key, pool: "nl-pool" });
    await volume.resize(8 * mebibyte);
    expect(await volume.getInfo()).toMatchObject({ capacity: 8 * mebibyte });
    await volume.wipe();
    expect((await buffer(await volume.download())).every((byte) => byte === 0)).toBe(true);
  });

  test("'s holes are passed as holes", async () => {
    const volume = await pool.createVolumeXML(volumeXML("sparse", 64 * mebibyte, 0));
    const data = Buffer.alloc(mebibyte, 7);
    const chunks: (Buffer | Hole)[] = [{ hole: 16 * mebibyte }, data, { hole: 47 * mebibyte }];
    await pipeline(Readable.from(chunks), await volume.upload({ sparse: true }));
    expect((await volume.getInfo()).allocation).toBeLessThan(8 * mebibyte);
    const read: (Buffer | Hole)[] = await (await volume.download({ sparse: true })).toArray();
    const bytes = read.filter((chunk): chunk is Buffer => chunk instanceof Buffer);
    const holes = read.filter((chunk): chunk is Hole => "hole" in chunk);
    expect(Buffer.concat(bytes)).toEqual(data);
    expect(holes.map(({ hole }) => hole)).toEqual([16 * mebibyte, 47 * mebibyte]);
    expect(read.findIndex((chunk) => chunk instanceof Buffer)).toBe(1);
    const told: number[] = [];
    await (await volume.download({ sparse: true })).recvAll(
      () => {},
      (length) => void told.push(length),
    );
    expect(told).toEqual([16 * mebibyte, 47 * mebibyte]);
  });

  test("download that nobody reads holds libvirtd back, not the memory", async () => {
    const volume = await pool.createVolumeXML(volumeXML("large", 256 * mebibyte, 0));
    const stream = await volume.download();
    await eventually(() => stream.readableLength >= stream.readableHighWaterMark);
    for (let at = 0; at < 50; at++) await connection.getHostname();
    expect(stream.readableLength).toBeLessThan(4 * mebibyte);
    stream.destroy();
    await eventually(() => connection.extraConnections === 0);
  });

  test("upload that is broken off is an error of the pipeline, and the connection goes on", async () => {
    const volume = await pool.createVolumeXML(volumeXML("broken", 64 * mebibyte, 0));
    const abort = new AbortController();
    const source = Readable.from(
      (async function* () {
        for (let at = 0; ; at++) {
          if (at === 10) abort.abort(new Error("enough"));
          yield Buffer.alloc(65536);
        }
      })(),
    );
    await expect(pipeline(source, await volume.upload(), { signal: abort.signal })).rejects.toMatchObject({
      name: "AbortError",
    });
    await eventually(() => connection.extraConnections === 0);
    expect(await connection.getHostname()).toMatch(/./);
  });

  test("that is too small for what is uploaded says so", async () => {
    const volume = await pool.createVolumeXML(volumeXML("small", 4096));
    const upload = await volume.upload({ length: 4096 });
    await expect(pipeline(Readable.from([Buffer.alloc(mebibyte)]), upload)).rejects.toMatchObject({
      name: "LibvirtError",
    });
  });

  test("is found by name, and its lack by code", async () => {
    expect((await pool.lookupVolumeByName("small")).name).toBe("small");
    await expect(pool.lookupVolumeByName("none")).rejects.toMatchObject({ code: "VIR_ERR_NO_STORAGE_VOL" });
  });

  test("'s pool is emptied, stopped, deleted and forgotten", async () => {
    for (const volume of await pool.listAllVolumes()) await volume.delete();
    await pool.destroy();
    await pool.delete();
    await pool.undefine();
    await expect(connection.storagePoolLookupByName("nl-pool")).rejects.toMatchObject({
      code: "VIR_ERR_NO_STORAGE_POOL",
    });
  });
});
