import { isIP } from "node:net";
import { type ConnectionOptions, checkServerIdentity, createSecureContext, getCACertificates } from "node:tls";
import type { TlsOptions } from "../credentials/credentials.ts";

/** TLS options as connections to a server take them. */
export function connectionTls({ servername, ...options }: TlsOptions): ConnectionOptions {
  // Said, so that no variable of the environment says otherwise.
  const { rejectUnauthorized = true } = options;
  return { ...trusting(options), ...named(servername), rejectUnauthorized };
}

/** The authorities that are trusted where no other is named: Node's, and as with kubectl those of the machine. */
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
  // As a context, because kept connections are looked up by their options, of which hundreds of authorities would be one.
  return { secureContext: createSecureContext({ ...own, ca: knownAuthorities() }) };
}

/** An address is a name to be checked, but none to be asked for (RFC 6066, 3). */
function named(servername: string | undefined): ConnectionOptions {
  if (servername === undefined) return {};
  if (isIP(servername) === 0) return { servername };
  return { servername: "", checkServerIdentity: (_host, shown) => checkServerIdentity(servername, shown) };
}
