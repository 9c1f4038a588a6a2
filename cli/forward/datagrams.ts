import { createSocket, type RemoteInfo } from "node:dgram";
import { once } from "node:events";
import { isIPv6 } from "node:net";
import type { WebSocket } from "ws";
import { Failure } from "../failure.ts";

/** A local UDP port; each of its clients has a websocket of its own, with one datagram in each frame. */
export interface DatagramPort {
  readonly port: number;
  close(): void;
}

export interface DatagramOptions {
  address: string;
  /** 0 means any free port. */
  port: number;
  dial: (signal: AbortSignal) => Promise<WebSocket>;
  onError: (error: unknown) => void;
}

/** Milliseconds of silence after which a client is forgotten. */
const idle = 60_000;

interface Client {
  /** Datagrams from before the websocket opened; as many as a network would hold. */
  waiting: Buffer[];
  websocket: WebSocket | undefined;
  timer: NodeJS.Timeout;
}

/** Listens on a local UDP port. Throws Failure when the port is in use. */
export async function forwardDatagrams({ address, port, dial, onError }: DatagramOptions): Promise<DatagramPort> {
  const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
  const clients = new Map<string, Client>();
  const ended = new AbortController();
  const forget = (key: string): void => {
    const client = clients.get(key);
    clearTimeout(client?.timer);
    client?.websocket?.close();
    clients.delete(key);
  };
  const open = async (client: Client, key: string, from: number, host: string): Promise<void> => {
    const websocket = await dial(ended.signal);
    client.websocket = websocket;
    websocket.on("message", (data: Buffer) => socket.send(data, from, host, () => {}));
    websocket.once("close", (code, reason) => {
      forget(key);
      const said = reason.toString("utf8");
      if (code !== 1000 && said !== "" && !ended.signal.aborted) onError(new Failure(said));
    });
    websocket.resume();
    for (const datagram of client.waiting) websocket.send(datagram);
  };
  const meet = (key: string, { port: from, address: host }: RemoteInfo): Client => {
    const client: Client = { waiting: [], websocket: undefined, timer: setTimeout(() => forget(key), idle) };
    clients.set(key, client);
    open(client, key, from, host).catch((error: unknown) => {
      forget(key);
      if (!ended.signal.aborted) onError(error);
    });
    return client;
  };
  socket.on("message", (datagram, from) => {
    const key = `${from.address} ${from.port}`;
    const client = clients.get(key) ?? meet(key, from);
    client.timer.refresh();
    if (client.websocket) client.websocket.send(datagram);
    else if (client.waiting.length < 64) client.waiting.push(datagram);
  });
  socket.bind(port, address);
  await once(socket, "listening").catch((cause: unknown) => {
    throw new Failure(`cannot listen on ${address}:${port}/udp: ${cause instanceof Error ? cause.message : ""}`, {
      cause,
    });
  });
  socket.on("error", onError);
  return {
    port: socket.address().port,
    close: () => {
      ended.abort();
      for (const key of clients.keys()) forget(key);
      socket.close();
    },
  };
}
