import type { Socket } from "node:net";
import { addAbortSignal } from "node:stream";
import { sleep } from "../../api/kube/sleep.ts";
import { connectToQemu } from "../relay/qemu-socket.ts";
import { dial } from "./dial.ts";

/** Milliseconds that QEMU has to answer. */
const limit = 5000;

/** Milliseconds that a woken guest has to draw its screen. */
const drawing = 500;

const version = "RFB 003.008\n";
const noSecurity = 1;
const shared = 1;
const pointerEvent = 5;

/**
 * Moves the guest's pointer like an additional viewer of its screen, and gives the guest time to draw. Throws when QEMU
 * does not answer as in RFB 3.8 (RFC 6143).
 */
export async function movePointer(vncSocket: string, signal: AbortSignal): Promise<void> {
  const inTime = AbortSignal.any([signal, AbortSignal.timeout(limit)]);
  const socket = await dial(connectToQemu(vncSocket), "VNC of the instance", inTime);
  addAbortSignal(inTime, socket);
  try {
    const { width, height } = await handshake(socket);
    // Two events: unlike a tablet, a mouse moves relative to its last position.
    for (const x of [width >> 1, (width >> 1) + 1]) {
      const event = Buffer.from([pointerEvent, 0, 0, 0, 0, 0]);
      event.writeUInt16BE(x, 2);
      event.writeUInt16BE(height >> 1, 4);
      socket.write(event);
    }
    await sleep(drawing, inTime);
  } catch (cause) {
    throw new Error("moving the pointer by VNC", { cause });
  } finally {
    socket.destroy();
  }
}

/** Connects as a viewer that shares the screen, and returns the screen's size. */
async function handshake(socket: Socket): Promise<{ width: number; height: number }> {
  const bytes = bytesOf(socket);
  const offered = (await take(bytes, version.length)).toString();
  if (offered !== version) throw new Error(`QEMU speaks "${offered.trim()}", not RFB 3.8`);
  socket.write(version);
  const types = await take(bytes, (await take(bytes, 1)).readUInt8());
  if (!types.includes(noSecurity)) throw new Error("QEMU wants to know who we are");
  socket.write(Buffer.from([noSecurity]));
  const result = (await take(bytes, 4)).readUInt32BE();
  if (result !== 0) throw new Error("QEMU refuses one more viewer");
  socket.write(Buffer.from([shared]));
  const screen = await take(bytes, 4);
  return { width: screen.readUInt16BE(0), height: screen.readUInt16BE(2) };
}

async function* bytesOf(socket: Socket): AsyncGenerator<number, void> {
  for await (const chunk of socket as AsyncIterable<Buffer>) yield* chunk;
}

async function take(bytes: AsyncGenerator<number, void>, count: number): Promise<Buffer> {
  const taken: number[] = [];
  while (taken.length < count) {
    const { value, done } = await bytes.next();
    if (done) throw new Error("QEMU closed the connection");
    taken.push(value);
  }
  return Buffer.from(taken);
}
