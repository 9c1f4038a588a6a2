import { connect as connectSocket, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { DisconnectedError } from "../errors.ts";
import { type Address, describeAddress } from "./address.ts";

/**
 * A connected socket. Rejects with a {@link DisconnectedError} (`unreachable`) when nobody listens, or the signal's
 * reason.
 */
export async function dial(address: Address, signal: AbortSignal): Promise<Socket> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = open(address, resolve);
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
  return socket;
}

function open(address: Address, connected: () => void): Socket {
  if (address.transport === "unix") return connectSocket(address.path, connected);
  const { host, port } = address;
  if (address.transport === "tcp") return connectSocket({ host, port, noDelay: true }, connected);
  const socket = connectTls({ servername: host, ...address.tls, host, port });
  // libvirt tells that it accepts our certificate by one byte of 1, before any frame.
  const verified = (chunk: Buffer): void => {
    if (chunk[0] !== 1) {
      socket.destroy(new Error("libvirt does not accept our certificate"));
      return;
    }
    socket.pause();
    if (chunk.length > 1) socket.unshift(chunk.subarray(1));
    connected();
  };
  return socket.setNoDelay(true).once("data", verified);
}
