import { setTimeout as delay } from "node:timers/promises";
import { type Connection, connect, type Domain, DomainCreateFlags } from "../../node-libvirt/src/index.ts";
import { guestXML, remove } from "../e2e/node-libvirt/guest.ts";
import { prepare } from "../e2e/node-libvirt/guest-files.ts";
import type { LibvirtNode } from "../e2e/node-libvirt/libvirt-node.ts";

const mebibyte = 2 ** 20;
const name = "nl-soak";

/** The result of a soak. */
export interface SoakResult {
  calls: number;
  events: number;
  streams: number;
  streamed: number;
  /** Unexpected failures of calls. */
  failures: number;
  /** The resident memory in MiB after a tenth of the calls, and at the end. */
  rss: { early: number; end: number };
  seconds: number;
}

/** Returns the lowest resident memory of a few measurements, after garbage collection if `gc` is available. */
async function settledRss(): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let look = 0; look < 5; look++) {
    globalThis.gc?.({ type: "major", execution: "sync", flavor: "last-resort" });
    await delay(20);
    least = Math.min(least, process.memoryUsage.rss());
  }
  return least / mebibyte;
}

/** Makes `calls` calls of many kinds, with events, downloads, aborted calls and errors at the same time. */
export async function soak(node: LibvirtNode, calls: number): Promise<SoakResult> {
  const files = await prepare(node);
  await using connection = await connect(node.socket);
  await remove(connection, name);
  const domain = await connection.createXML(guestXML({ name, files, memory: 64 }), DomainCreateFlags.PAUSED);
  const begin = performance.now();
  const result = { calls: 0, events: 0, streams: 0, streamed: 0, failures: 0 };
  const stop = new AbortController();
  try {
    await connection.on("metadataChange", () => result.events++);
    const background = [stir(domain, stop.signal, result), download(connection, files.folder, stop.signal, result)];
    let early = 0;
    const lane = async (): Promise<void> => {
      while (result.calls < calls) {
        const at = result.calls++;
        await call(connection, domain, at).catch(() => result.failures++);
        if (at === Math.floor(calls / 10)) early = await settledRss();
      }
    };
    await Promise.all(Array.from({ length: 6 }, lane));
    stop.abort();
    await Promise.all(background);
    return { ...result, rss: { early, end: await settledRss() }, seconds: (performance.now() - begin) / 1000 };
  } finally {
    stop.abort();
    await remove(connection, name);
  }
}

async function call(connection: Connection, domain: Domain, at: number): Promise<void> {
  switch (at % 8) {
    case 0:
      await connection.getHostname();
      return;
    case 1:
      await domain.getInfo();
      return;
    case 2:
      await domain.getXMLDesc();
      return;
    case 3:
      await connection.listAllDomains();
      return;
    case 4:
      await domain.getState();
      return;
    case 5:
      await connection.lookupByUUID(domain.uuid);
      return;
    case 6: {
      const error: unknown = await connection.lookupByName("nl-nobody").catch((reason: unknown) => reason);
      if (!(error instanceof Error) || error.name !== "LibvirtError") throw error;
      return;
    }
    default: {
      const abort = new AbortController();
      const given = connection.getCapabilities({ signal: abort.signal }).catch(() => {});
      if (at % 16 === 15) abort.abort();
      await given;
    }
  }
}

/** Causes events: each change of the title is one. */
async function stir(domain: Domain, signal: AbortSignal, result: Pick<SoakResult, "failures">): Promise<void> {
  for (let at = 0; !signal.aborted; at++) {
    await domain.setMetadata("TITLE", `title ${at}`).catch(() => result.failures++);
  }
}

/** Downloads a volume again and again: by a handler, as a stream, and as a stream that we leave before its end. */
async function download(
  connection: Connection,
  folder: string,
  signal: AbortSignal,
  result: Pick<SoakResult, "streams" | "streamed">,
): Promise<void> {
  const left = await connection.storagePoolLookupByName(name).catch(() => undefined);
  await left?.destroy();
  const xml = `<pool type="dir"><name>${name}</name><target><path>${folder}</path></target></pool>`;
  const pool = await connection.storagePoolCreateXML(xml);
  try {
    const old = await pool.lookupVolumeByName("soak.raw").catch(() => undefined);
    await old?.delete();
    const volume = await pool.createVolumeXML(
      `<volume><name>soak.raw</name><capacity unit="MiB">4</capacity></volume>`,
    );
    while (!signal.aborted) {
      const stream = await volume.download();
      const way = result.streams++ % 3;
      if (way === 0) await stream.recvAll((piece) => void (result.streamed += piece.length));
      else {
        for await (const chunk of stream) {
          result.streamed += (chunk as Buffer).length;
          if (way === 2) break;
        }
      }
    }
    await volume.delete();
  } finally {
    await pool.destroy();
  }
}
