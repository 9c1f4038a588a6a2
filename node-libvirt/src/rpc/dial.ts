import { connect as connectSocket, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { DisconnectedError } from "../errors.ts";
import { type Address, describeAddress } from "./address.ts";
import { ReceiveBuffer } from "./receive-buffer.ts";

/** A connected socket, and the receiver of its data. */
export interface Wire {
  readonly socket: Socket;
  /** Called with each received chunk. The chunk's memory is valid until it returns, or while the socket is paused. */
  receive: (chunk: Buffer) => void;
}

/**
 * Connects a socket. Rejects with a {@link DisconnectedError} (`unreachable`) when nothing listens, or with the
 * signal's reason.
 */
export async function dial(address: Address, signal: AbortSignal): Promise<Wire> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const wire = open(address, resolve);
  const { socket } = wire;
  const fail = (cause: unknown): void =>
    reject(new DisconnectedError("unreachable", `no libvirt at ${describeAddress(address)}`, { cause }));
  const ended = (): void => fail(new Error("the connection was closed at once"));
  const abort = (): void => reject(signal.reason);
  socket.on("error", fail).on("close", ended);
  signal.addEventListener("abort", abort);
  try {
    await promise;
  } catch (error) {
    socket.on("error", () => {}).destroy();
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
    socket.off("error", fail).off("close", ended);
  }
  return wire;
}

function open(address: Address, connected: () => void): Wire {
  if (address.transport === "tls") return openTls(address, connected);
  let receive: ((chunk: Buffer) => void) | undefined;
  const buffers = new ReceiveBuffer((chunk) => receive?.(chunk));
  const where =
    address.transport === "unix"
      ? { path: address.path }
      : { host: address.host, port: address.port, noDelay: true, keepAlive: true };
  const socket = connectSocket({ ...where, onread: buffers }, connected);
  return {
    socket,
    set receive(listener: (chunk: Buffer) => void) {
      receive = listener;
    },
  };
}

function openTls({ host, port, tls }: Extract<Address, { transport: "tls" }>, connected: () => void): Wire {
  const socket = connectTls({ ...(isIP(host) ? {} : { servername: host }), ...tls, host, port });
  const wire: Wire = { socket, receive: () => {} };
  // libvirt sends one byte of 1, before any frame, when it accepts the client's certificate.
  socket.setNoDelay(true).once("data", (first: Buffer) => {
    if (first.length !== 1 || first[0] !== 1) {
      socket.destroy(new Error("libvirt does not accept our certificate"));
      return;
    }
    socket.on("data", (chunk: Buffer) => wire.receive(chunk));
    connected();
  });
  return wire;
}
