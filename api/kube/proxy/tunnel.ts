import http from "node:http";
import net, { isIP, type Socket } from "node:net";
import tls from "node:tls";
import { ProxyError } from "../client/errors.ts";
import { knownAuthorities } from "../client/tls.ts";
import type { TlsOptions } from "../credentials/credentials.ts";
import { endOf, isSocks, shown, userOf } from "./address.ts";
import { socksConnect } from "./socks.ts";

/** Where a connection leads. The name is the proxy's to look up. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

/**
 * Connects to a target by way of a proxy, and resolves to that connection. Throws ProxyError when there is no way, and the
 * signal's reason.
 */
export async function tunnel(
  proxy: URL,
  target: Target,
  tlsOptions: TlsOptions,
  signal?: AbortSignal,
): Promise<Socket> {
  const socket = await connectToProxy(proxy, tlsOptions, signal);
  const end = (): unknown => socket.destroy();
  signal?.addEventListener("abort", end, { once: true });
  try {
    if (isSocks(proxy)) await socksConnect(socket, target, userOf(proxy));
    else await httpConnect(socket, target, proxy);
    signal?.throwIfAborted();
    return socket;
  } catch (error) {
    socket.destroy();
    signal?.throwIfAborted();
    throw new ProxyError(shown(proxy), error);
  } finally {
    signal?.removeEventListener("abort", end);
  }
}

/** Connects to the proxy itself. Throws ProxyError, and the signal's reason. */
export async function connectToProxy(proxy: URL, tlsOptions: TlsOptions, signal?: AbortSignal): Promise<Socket> {
  signal?.throwIfAborted();
  const { host, port } = endOf(proxy);
  const options = { host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 15_000 };
  const isSecure = proxy.protocol === "https:";
  const socket = isSecure ? tls.connect({ ...options, ...proxyTls(tlsOptions, host) }) : net.connect(options);
  // What it ends with is told to whoever waits for something of it, and nobody may at that moment.
  socket.on("error", () => {});
  const end = (): unknown => socket.destroy();
  signal?.addEventListener("abort", end, { once: true });
  try {
    await opened(socket, isSecure ? "secureConnect" : "connect");
    return socket;
  } catch (error) {
    socket.destroy();
    signal?.throwIfAborted();
    throw new ProxyError(shown(proxy), error);
  } finally {
    signal?.removeEventListener("abort", end);
  }
}

/**
 * What a proxy of HTTPS has to show. As with kubectl, the cluster's authority is trusted for it, too; ours are besides,
 * since a proxy of many clusters has a certificate of its own.
 */
function proxyTls({ ca, ...options }: TlsOptions, host: string): tls.ConnectionOptions {
  const { servername: _servers, ...rest } = options;
  const trusted = [...knownAuthorities(), ...(ca === undefined ? [] : [ca].flat())];
  return { rejectUnauthorized: true, ...rest, ca: trusted, ...(isIP(host) ? {} : { servername: host }) };
}

/** Waits until a socket is connected. Throws what it ends with before that. */
export function opened(socket: Socket, event: "connect" | "secureConnect"): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const closed = (): void => reject(new Error("the connection was closed"));
  const connected = (): void => resolve();
  socket.once(event, connected).once("error", reject).once("close", closed);
  return promise.finally(() => socket.off(event, connected).off("error", reject).off("close", closed));
}

/** Has a proxy of HTTP pass on all bytes. */
function httpConnect(socket: Socket, { host, port }: Target, proxy: URL): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const path = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  const headers = { host: path, ...authorization(proxy) };
  const asked = http.request({ method: "CONNECT", path, headers, createConnection: () => socket });
  asked.once("connect", ({ statusCode = 0, statusMessage = "" }, _socket, head: Buffer) => {
    // What came after the answer's headers is the other end's.
    if (head.length > 0) socket.unshift(head);
    if (statusCode >= 200 && statusCode < 300) resolve();
    else reject(new Error(`${statusCode} ${statusMessage} (${path})`));
  });
  asked.on("error", reject);
  asked.end();
  return promise;
}

/** The header by which a proxy of HTTP knows who asks. */
export function authorization(proxy: URL): Record<string, string> {
  const user = userOf(proxy);
  if (!user) return {};
  return { "proxy-authorization": `Basic ${Buffer.from(`${user.name}:${user.password}`).toString("base64")}` };
}
