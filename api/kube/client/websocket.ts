import { type ClientOptions, WebSocket } from "ws";
import type { Proxied } from "../proxy/agent.ts";
import { abortable } from "../sleep.ts";
import { apiError, bodyOf } from "./answer.ts";
import type { KubeClient } from "./client.ts";
import { NetworkError, TimeLimitError } from "./errors.ts";

export interface WebSocketOptions {
  /** Sub-protocols to offer. */
  protocols?: readonly string[];
  /** Milliseconds until the upgrade must be complete; 30 s by default. */
  timeLimit?: number;
  /** Ends the websocket, open or not. */
  signal?: AbortSignal;
  /** The largest allowed message, in bytes; 16 MiB by default. */
  maxPayload?: number;
}

/**
 * Opens a websocket to a path of the API server with the client's credentials. It resolves to a **paused** websocket,
 * so that no message is lost: add the listeners, then call `resume()`. Throws ApiError when the server does not upgrade
 * the connection, NetworkError, TimeLimitError, or the signal's reason.
 */
export async function openWebSocket(
  { transport }: KubeClient,
  path: string,
  { protocols = [], timeLimit = 30_000, signal, maxPayload = 16 * 1024 * 1024 }: WebSocketOptions = {},
): Promise<WebSocket> {
  const access = await abortable(transport.credentials.access(), signal);
  const url = new URL(transport.credentials.server);
  const target = transport.pathOf(path);
  const address = `${url.protocol === "http:" ? "ws:" : "wss:"}//${url.host}${target}`;
  const failed = new AbortController();
  const options: ClientOptions & Proxied = {
    headers: { "user-agent": transport.userAgent, ...access.headers },
    agent: transport.agent(access, "websocket"),
    perMessageDeflate: false,
    maxPayload,
    until: failed.signal,
  };
  return opened(new WebSocket(address, [...protocols], options), { path, timeLimit, signal, failed });
}

function opened(
  socket: WebSocket,
  {
    path,
    timeLimit,
    signal,
    failed,
  }: { path: string; timeLimit: number; signal: AbortSignal | undefined; failed: AbortController },
): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      reject(error);
      failed.abort(error);
      socket.terminate();
    };
    const abort = (): void => fail(signal?.reason);
    const timer = setTimeout(
      () => fail(new TimeLimitError(`websocket ${path}: no upgrade within ${timeLimit / 1000} s`)),
      timeLimit,
    );
    signal?.addEventListener("abort", abort, { once: true });
    socket.once("open", () => {
      clearTimeout(timer);
      socket.pause();
      resolve(socket);
    });
    socket.once("unexpected-response", (_request, answer) => {
      bodyOf(answer, signal).then((body) => fail(apiError(answer, body.toString("utf8"))), fail);
    });
    // This listener stays: an error of an open websocket must not end the process; `close` follows it.
    socket.on("error", (cause) => {
      reject(new NetworkError(`websocket ${path}: ${cause.message}`, { sent: true, cause }));
    });
    socket.once("close", () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    });
  });
}
