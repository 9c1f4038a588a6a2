import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import type { Duplex } from "node:stream";
import type { Certificates } from "./certificates.ts";

/** A websocket with hand-written bytes, like a hostile client's. */
export class RawWebSocket {
  readonly socket: Duplex;

  /** Opens the websocket like the controller. Throws with code and body of a refusal. */
  static async open(
    { port, path, certificates }: { port: number; path: string; certificates: Certificates },
    headers: Readonly<Record<string, string>> = {},
  ): Promise<RawWebSocket> {
    const { ca, controller } = certificates;
    const sent = request({
      ca,
      cert: controller.certificate,
      key: controller.key,
      servername: "virt-node-daemon",
      host: "127.0.0.1",
      port,
      path,
      agent: false,
      headers: {
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
        ...headers,
      },
    });
    const upgraded = once(sent, "upgrade") as Promise<[IncomingMessage, Duplex]>;
    const refused = once(sent, "response") as Promise<[IncomingMessage]>;
    refused.catch(() => {});
    sent.end();
    const [answer, socket] = await Promise.race([upgraded, refused]);
    if (!socket) throw new Error(`${answer.statusCode} ${Buffer.concat(await answer.toArray()).toString()}`);
    // Read nothing, not even a close frame.
    socket.on("error", () => {});
    return new RawWebSocket(socket);
  }

  private constructor(socket: Duplex) {
    this.socket = socket;
  }

  /** Sends a binary message without its last byte, in pieces. */
  async half(length: number, piece: number): Promise<void> {
    const header = Buffer.alloc(14);
    header.writeUInt8(0x82, 0);
    header.writeUInt8(0xff, 1);
    header.writeBigUInt64BE(BigInt(length), 2);
    await this.#write(header);
    for (let sent = 0; sent < length - 1; sent += piece) {
      await this.#write(Buffer.alloc(Math.min(piece, length - 1 - sent), "x"));
    }
  }

  /** Sends a whole binary message, without waiting for the peer. */
  message(bytes: Buffer): void {
    const header = Buffer.alloc(14);
    header.writeUInt8(0x82, 0);
    header.writeUInt8(0xff, 1);
    header.writeBigUInt64BE(BigInt(bytes.length), 2);
    this.socket.write(header);
    this.socket.write(bytes);
  }

  end(): void {
    this.socket.destroy();
  }

  /** Writes bytes as a separate TLS record. */
  async #write(bytes: Buffer): Promise<void> {
    await new Promise<void>((resolve) => void this.socket.write(bytes, () => resolve()));
  }
}
