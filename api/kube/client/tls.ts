import { isIP } from "node:net";
import { type ConnectionOptions, checkServerIdentity, createSecureContext, getCACertificates } from "node:tls";
import type { TlsOptions } from "../credentials/credentials.ts";

/** The TLS options for connections to a server. */
export function connectionTls({ servername, ...options }: TlsOptions): ConnectionOptions {
  // Set explicitly, so that no environment variable changes it.
  const { rejectUnauthorized = true } = options;
  return { ...trusting(options), ...named(servername), rejectUnauthorized };
}

/** The authorities that are trusted by default: Node's and, as with kubectl, those of the system. */
export function knownAuthorities(): string[] {
  return [...new Set([...getCACertificates("default"), ...getCACertificates("system")])];
}

function trusting({ ca, rejectUnauthorized, ...own }: TlsOptions): ConnectionOptions {
  if (ca !== undefined || rejectUnauthorized === false) {
    return {
      ...own,
      ...(ca === undefined ? {} : { ca }),
    };
  }
  // As a context: Node finds kept connections by their options, and hundreds of authorities would be part of them.
  return { secureContext: createSecureContext({ ...own, ca: knownAuthorities() }) };
}

/** TLS checks an IP address as a name, but must not send it as a server name (RFC 6066, 3). */
function named(servername: string | undefined): ConnectionOptions {
  if (servername === undefined) return {};
  if (isIP(servername) === 0) return { servername };
  return { servername: "", checkServerIdentity: (_host, shown) => checkServerIdentity(servername, shown) };
}
