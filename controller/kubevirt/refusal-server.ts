import { once } from "node:events";
import https from "node:https";
import type { Log } from "../../api/kube/log.ts";
import { issue, makeAuthority, skew } from "../certificates/authority.ts";

export interface RefusalOptions {
  /** The port; 0 to serve nothing. */
  readonly port: number;
  /** Why only health is served. */
  readonly reason: () => string;
  readonly log: Log;
}

/** The lifetime of its certificate, in milliseconds; a new process makes a new one. */
const lifetime = 365 * 24 * 3_600_000;

/**
 * Serves only health until the signal is aborted: live and not ready, with the reason. It makes its own certificate and
 * does not store it, because it must not change those in Secrets.
 */
export async function serveRefusal({ port, reason, log }: RefusalOptions, signal: AbortSignal): Promise<void> {
  if (port === 0) return aborted(signal);
  const server = https.createServer(await ownCertificate(), (request, response) => {
    const isLive = request.url === "/healthz" || request.url === "/livez";
    response.writeHead(isLive ? 200 : 503, { "content-type": "text/plain" });
    response.end(isLive ? "ok" : `not ready: ${reason()}`);
  });
  server.on("tlsClientError", (error) => log("debug", "TLS handshake failed", { error }));
  server.listen(port);
  await once(server, "listening");
  await aborted(signal);
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, "abort");
}

async function ownCertificate(): Promise<{ cert: string; key: string }> {
  const now = Date.now();
  const validity = { notBefore: new Date(now - skew), notAfter: new Date(now + lifetime) };
  const authority = await makeAuthority("virt-controller", validity);
  const subject = { commonName: "virt-controller", usage: "server", names: ["virt-controller"] } as const;
  const { certificate, key } = await issue(authority, subject, validity);
  return { cert: certificate, key };
}
