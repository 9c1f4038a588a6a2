import { once } from "node:events";
import { mkdtempDisposable } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Procedure, Program, procedureTable } from "../../node-libvirt/src/index.ts";
import { type Frame, type Header, MessageStatus, MessageType } from "../../node-libvirt/src/wire/frame.ts";
import { FrameReader } from "../../node-libvirt/src/wire/frame-reader.ts";
import { encodeHeader } from "../../node-libvirt/src/wire/frame-writer.ts";
import type { Shape } from "../../node-libvirt/src/wire/shape.ts";
import { MalformedError } from "../../node-libvirt/src/wire/xdr-reader.ts";
import { XdrWriter } from "../../node-libvirt/src/wire/xdr-writer.ts";

/** Encodes a packet. */
export function packet(header: Partial<Header>, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const whole = {
    program: Program.REMOTE,
    version: 1,
    procedure: 0,
    type: MessageType.REPLY,
    serial: 0,
    status: MessageStatus.OK,
  };
  return Buffer.concat([encodeHeader({ ...whole, ...header }, payload.length), payload]);
}

/** Encodes a value in XDR. */
export function xdr<T>(shape: Shape<T, unknown>, value: T): Buffer {
  const writer = new XdrWriter();
  shape.write(writer, value);
  return writer.finish();
}

/** One client of the peer. */
export class Client {
  readonly socket: Socket;
  /** Its calls, in order. */
  readonly calls: Frame[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
  }

  /** Sends the successful answer to a call. */
  answer(call: Frame, payload: Uint8Array = Buffer.alloc(0), header: Partial<Header> = {}): void {
    const { program, procedure, serial } = call;
    this.socket.write(packet({ program, procedure, serial, ...header }, payload));
  }
}

type OnCall = (call: Frame, client: Client) => boolean | void;

/**
 * Plays libvirt at the other end of a socket. It knows just enough of the protocol to let a client in; the test decides
 * the rest. `onCall` returns true when it has handled a packet.
 */
export async function peer(onCall: OnCall): Promise<{ path: string; clients: Client[] } & AsyncDisposable> {
  const folder = await mkdtempDisposable(join(tmpdir(), "node-libvirt-"));
  const path = join(folder.path, "sock");
  const clients: Client[] = [];
  const server = createServer((socket) => {
    clients.push(converse(socket, onCall));
  }).listen(path);
  await once(server, "listening");
  return {
    path,
    clients,
    async [Symbol.asyncDispose]() {
      for (const { socket } of clients) socket.destroy();
      server.close();
      await folder.remove();
    },
  };
}

/** Serves the peer's side of one connection. */
export function converse(socket: Socket, onCall: OnCall): Client {
  const client = new Client(socket);
  const reader = new FrameReader();
  socket.on("error", () => {});
  socket.on("data", (chunk) => {
    for (const frame of reader.push(chunk)) {
      client.calls.push(frame);
      if (!onCall(frame, client)) welcome(frame, client);
    }
  });
  return client;
}

/** Whether a packet calls a procedure. */
export function calls(frame: Frame, procedure: Procedure): boolean {
  return frame.type === MessageType.CALL && frame.program === procedure.program && frame.procedure === procedure.number;
}

function welcome(frame: Frame, client: Client): void {
  if (calls(frame, procedureTable.authList)) client.answer(frame, Buffer.from([0, 0, 0, 1, 0, 0, 0, 0]));
  if (calls(frame, procedureTable.connectSupportsFeature)) client.answer(frame, Buffer.from([0, 0, 0, 1]));
  if (calls(frame, procedureTable.connectOpen)) client.answer(frame);
  if (calls(frame, procedureTable.connectClose)) client.answer(frame);
}

/** Checks that a read ends in a value or a MalformedError; throws any other error again. */
export function isValueOrMalformed(read: () => unknown): true {
  try {
    read();
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
  }
  return true;
}

/** Resolves when the condition holds. */
export async function eventually(condition: () => boolean, limit = 5000): Promise<void> {
  for (const end = Date.now() + limit; !condition(); await new Promise((resolve) => setTimeout(resolve, 2))) {
    if (Date.now() > end) throw new Error(`not within ${limit} ms: ${condition.toString()}`);
  }
}
