import http from "node:http";
import net, { isIP, type Socket } from "node:net";
import tls from "node:tls";
import { ProxyError } from "../client/errors.ts";
import { knownAuthorities } from "../client/tls.ts";
import type { TlsOptions } from "../credentials/credentials.ts";
import { hostAndPort, isSocks, shown, userOf } from "./address.ts";
import { socksConnect } from "./socks.ts";

/** The target of a connection. The proxy looks up the name. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

/**
 * Connects to a target through a proxy, and resolves to that connection. Throws ProxyError when that fails, and the
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
  const { host, port } = hostAndPort(proxy);
  const options = { host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 15_000 };
  const isSecure = proxy.protocol === "https:";
  const socket = isSecure ? tls.connect({ ...options, ...proxyTls(tlsOptions, host) }) : net.connect(options);
  // The caller that waits for the socket gets its error; at this moment no caller may wait.
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
 * The TLS options for an HTTPS proxy. As with kubectl, the cluster's authority is trusted for the proxy too. So are the
 * known authorities, since a proxy for many clusters has its own certificate.
 */
function proxyTls({ ca, ...options }: TlsOptions, host: string): tls.ConnectionOptions {
  const { servername: _servers, ...rest } = options;
  const trusted = [...knownAuthorities(), ...(ca === undefined ? [] : [ca].flat())];
  return { rejectUnauthorized: true, ...rest, ca: trusted, ...(isIP(host) ? {} : { servername: host }) };
}

/** Waits until a socket is connected. Throws the error that ends the socket before that. */
export function opened(socket: Socket, event: "connect" | "secureConnect"): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const closed = (): void => reject(new Error("the connection was closed"));
  const connected = (): void => resolve();
  socket.once(event, connected).once("error", reject).once("close", closed);
  return promise.finally(() => socket.off(event, connected).off("error", reject).off("close", closed));
}

/** Makes an HTTP proxy tunnel all bytes. */
function httpConnect(socket: Socket, { host, port }: Target, proxy: URL): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const path = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  const headers = { host: path, ...authorization(proxy) };
  const asked = http.request({ method: "CONNECT", path, headers, createConnection: () => socket });
  asked.once("connect", ({ statusCode = 0, statusMessage = "" }, _socket, head: Buffer) => {
    // Bytes after the answer's headers come from the target.
    if (head.length > 0) socket.unshift(head);
    if (statusCode >= 200 && statusCode < 300) resolve();
    else reject(new Error(`${statusCode} ${statusMessage} (${path})`));
  });
  asked.on("error", reject);
  asked.end();
  return promise;
}

/** The header that authenticates us to an HTTP proxy. */
export function authorization(proxy: URL): Record<string, string> {
  const user = userOf(proxy);
  if (!user) return {};
  return { "proxy-authorization": `Basic ${Buffer.from(`${user.name}:${user.password}`).toString("base64")}` };
}
