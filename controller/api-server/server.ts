import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import https from "node:https";
import type { Duplex } from "node:stream";
import { httpsPorts } from "../../api/contract/constants.ts";
import { serverTls } from "../../api/contract/tls-settings.ts";
import { type Log, noLog } from "../../api/kube/log.ts";
import { limitUntrustedConnections, timeLimits } from "../../api/serving/strangers.ts";
import type { FrontProxy } from "./front-proxy.ts";
import { type Handler, type HandlerOptions, makeHandler } from "./handler.ts";
import { defaultLimits } from "./limits.ts";
import type { WatchedValue } from "./watched-value.ts";

/** The serving certificate and key; in PEM. */
export interface ServingTls {
  readonly cert: string;
  readonly key: string;
}

export interface ApiServerOptions extends HandlerOptions {
  /** By default the port in `httpsPorts`. */
  readonly port?: number;
  /** The listening address; all addresses by default. */
  readonly host?: string;
  readonly serving: WatchedValue<ServingTls>;
  readonly frontProxy: WatchedValue<FrontProxy>;
  /** Called with the port when the server listens. */
  readonly onListening?: (port: number) => void;
  readonly log?: Log;
}

/**
 * Serves the aggregated API until the signal is aborted, then ends open websockets with a close frame and resolves. The
 * serving certificate must be known before.
 */
export async function serve(options: ApiServerOptions, signal: AbortSignal): Promise<void> {
  const { port = httpsPorts.controller, host, serving, frontProxy, log = noLog, onListening } = options;
  const { headerBytes, strangers } = { ...defaultLimits, ...options.limits };
  const handler = makeHandler(options, signal);
  const server = https.createServer(
    {
      ...context(serving, frontProxy),
      // Clients without a certificate still get the version and the health; `userOf` refuses them the rest.
      requestCert: true,
      rejectUnauthorized: false,
      maxHeaderSize: headerBytes,
      ...timeLimits,
      // The API server keeps connections for 90 s. Ours last longer: a request is lost if it meets our end of one.
      keepAliveTimeout: 120_000,
    },
    (request, response) => respond(handler, request, response),
  );
  limitUntrustedConnections(server, strangers);
  server.on("upgrade", (request, socket: Duplex, head) => upgrade(handler, request, socket, head));
  server.on("tlsClientError", (error) => log("debug", "TLS handshake failed", { error }));
  const renew = (): void => {
    server.setSecureContext(context(serving, frontProxy));
    // A client that an old authority made trusted must show its certificate again.
    server.closeIdleConnections();
    log("info", "serving with another certificate or authority");
  };
  const unsubscribes = [serving.subscribe(renew), frontProxy.subscribe(renew)];
  try {
    server.listen(port, host);
    await once(server, "listening", { signal });
    const address = server.address();
    const actual = typeof address === "object" && address ? address.port : port;
    log("info", "serving the aggregated API", { port: actual });
    onListening?.(actual);
    if (!signal.aborted) await once(signal, "abort");
  } finally {
    for (const unsubscribe of unsubscribes) unsubscribe();
    await closed(server);
    handler.close();
  }
}

function context(serving: WatchedValue<ServingTls>, frontProxy: WatchedValue<FrontProxy>): https.ServerOptions {
  const pair = serving.current();
  if (!pair) throw new Error("there is no serving certificate yet");
  const ca = frontProxy.current()?.ca;
  return {
    cert: pair.cert,
    key: pair.key,
    // With `undefined`, Node would trust all public authorities.
    ca: ca === undefined ? [] : [ca],
    ...serverTls,
  };
}

function respond(handler: Handler, request: IncomingMessage, response: ServerResponse): void {
  handler.respond(request, response).catch(() => response.destroy());
}

function upgrade(handler: Handler, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  // An error without a listener ends the process.
  socket.on("error", () => {});
  handler.upgrade(request, socket, head).catch(() => socket.destroy());
}

/** Closes the server: running requests get a few seconds. */
async function closed(server: https.Server): Promise<void> {
  if (!server.listening) return;
  const end = once(server, "close");
  server.close();
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), 5000);
  await end.finally(() => clearTimeout(timer));
}
