import type { Agent, AgentOptions, ClientRequestArgs } from "node:http";
import http from "node:http";
import https from "node:https";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import { connectionTls } from "../client/tls.ts";
import type { TlsOptions } from "../credentials/credentials.ts";
import { connectToProxy, opened, tunnel } from "./tunnel.ts";

/** An additional option of a request through a proxy: the end of a request alone does not end an attempt to connect. */
export interface Proxied {
  /** Ends the attempt to connect. */
  until?: AbortSignal;
}

type Options = ClientRequestArgs & Proxied;
type Answer = (error: Error | null, socket?: Duplex) => void;

/**
 * An agent that connects through a proxy: to the server or, with `forwards`, to the proxy itself, which then gets
 * requests for whole URLs.
 */
export function proxiedAgent(
  proxy: URL,
  { tls, isSecure, forwards, ...options }: AgentOptions & { tls: TlsOptions; isSecure: boolean; forwards: boolean },
): Agent {
  const agent = isSecure ? new https.Agent({ ...connectionTls(tls), ...options }) : new http.Agent(options);
  const secured = agent.createConnection.bind(agent);
  const connect = async (request: Options): Promise<Duplex> => {
    const { until } = request;
    if (forwards) return connectToProxy(proxy, tls, until);
    const target = { host: request.host ?? "localhost", port: Number(request.port) || (isSecure ? 443 : 80) };
    const socket = await tunnel(proxy, target, tls, until);
    if (!isSecure) return socket;
    const end = (): unknown => socket.destroy();
    until?.addEventListener("abort", end, { once: true });
    try {
      const over: Options & { socket: Socket } = { ...request, socket };
      const inner = secured(over);
      if (!(inner instanceof TLSSocket)) throw new TypeError("an agent of HTTPS without TLS");
      inner.on("error", () => {});
      // Nothing is sent before that, so a failure until then may be retried.
      await opened(inner, "secureConnect");
      return inner;
    } catch (error) {
      socket.destroy();
      until?.throwIfAborted();
      throw error;
    } finally {
      until?.removeEventListener("abort", end);
    }
  };
  return Object.assign(agent, {
    createConnection(request: Options, answer?: Answer): undefined {
      connect(request).then(
        (socket) => answer?.(null, socket),
        (error: Error) => answer?.(error),
      );
    },
  });
}
