import { closeSync, openSync, writeSync } from "node:fs";
import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Connection, StorageVolume } from "../../node-libvirt/src/index.ts";
import type { LibvirtNode } from "../e2e/node-libvirt/libvirt-node.ts";
import type { Row } from "./measurement.ts";
import { against } from "./pairs.ts";
import { virsh } from "./virsh.ts";

const rounds = 9;
const size = 512;
/** Downloads in a round. One virsh process makes all of its downloads, so that its start does not count. */
const downloads = 2;

/** Measures downloads of a fully allocated volume, compared with virsh; both write to /dev/null. */
export async function downloadRows(node: LibvirtNode, connection: Connection, folder: string): Promise<Row[]> {
  const left = await connection.storagePoolLookupByName("nl-bench").catch(() => undefined);
  await left?.destroy();
  const pool = await connection.storagePoolCreateXML(
    `<pool type="dir"><name>nl-bench</name><target><path>${folder}</path></target></pool>`,
  );
  const old = await pool.lookupVolumeByName("bench.raw").catch(() => undefined);
  await old?.delete();
  const volume = await pool.createVolumeXML(
    `<volume><name>bench.raw</name><capacity unit="MiB">${size}</capacity><allocation unit="MiB">${size}</allocation></volume>`,
  );
  const nowhere = openSync("/dev/null", "w");
  try {
    const path = await volume.getPath();
    const commands = Array.from({ length: downloads }, () => `vol-download ${path} /dev/null`);
    const rates: Record<"received" | "streamed" | "theirs", number[]> = { received: [], streamed: [], theirs: [] };
    for (let round = 0; round <= rounds; round++) {
      const received = await rate(() => receive(volume, nowhere));
      const theirs = (downloads * size * 1.048576) / (await virsh(node, commands)).seconds;
      const streamed = await rate(() => stream(volume, nowhere));
      // The first round fills caches and does not count.
      if (round === 0) continue;
      rates.received.push(received);
      rates.theirs.push(theirs);
      rates.streamed.push(streamed);
    }
    return [
      against("volume download by recvAll, against virsh vol-download", "MB/s", rates.received, rates.theirs, 1),
      against("volume download as a Node stream, against the same", "MB/s", rates.streamed, rates.theirs),
    ];
  } finally {
    closeSync(nowhere);
    await volume.delete();
    await pool.destroy();
  }
}

/** Measures a round of downloads in MB/s. */
async function rate(download: () => Promise<number>): Promise<number> {
  const begin = performance.now();
  let bytes = 0;
  for (let at = 0; at < downloads; at++) bytes += await download();
  const seconds = (performance.now() - begin) / 1000;
  if (bytes !== downloads * size * 2 ** 20) throw new Error(`${bytes} bytes were received`);
  return bytes / 1e6 / seconds;
}

async function receive(volume: StorageVolume, file: number): Promise<number> {
  let bytes = 0;
  const download = await volume.download();
  await download.recvAll((piece) => {
    bytes += writeSync(file, piece);
  });
  return bytes;
}

async function stream(volume: StorageVolume, file: number): Promise<number> {
  let bytes = 0;
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      bytes += writeSync(file, chunk);
      done();
    },
  });
  await pipeline(await volume.download(), sink);
  return bytes;
}
