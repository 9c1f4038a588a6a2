import type { TLSSocket } from "node:tls";
import { StatusError } from "../../api/serving/status-error.ts";

/**
 * Checks that the peer has a certificate from the CA with this name (as a DNS name, or else as common name). Throws a
 * `StatusError` of code 401 or 403 when it does not.
 */
export function requireClientName(socket: TLSSocket, name: string): void {
  const certificate = socket.getPeerCertificate();
  // Node returns an empty object when there is no certificate.
  if (Object.keys(certificate).length === 0) throw new StatusError(401, "a client certificate is required");
  if (!socket.authorized) {
    throw new StatusError(401, `the client certificate is not trusted: ${String(socket.authorizationError)}`);
  }
  const dnsNames = (certificate.subjectaltname ?? "").split(", ").flatMap((entry) => {
    return entry.startsWith("DNS:") ? entry.slice("DNS:".length) : [];
  });
  const names = dnsNames.length > 0 ? dnsNames : [certificate.subject.CN].flat();
  if (!names.includes(name)) {
    throw new StatusError(403, `the client certificate is made out to "${names.join(", ")}", not to "${name}"`);
  }
}
