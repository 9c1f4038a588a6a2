import type { SecureContextOptions } from "node:tls";

/** The API server's address and the identity for it. */
export interface Credentials {
  /** The API server's address; it may have a path, as behind Rancher. */
  readonly server: URL;
  /** The namespace for calls that name none. */
  readonly namespace: string;
  /** The data for a request now. Called before each one, so that tokens and certificates may change meanwhile. */
  access(): Promise<Access>;
  /** Called when the server did not accept the last access. Resolves to whether it is worth asking for another. */
  refused(): Promise<boolean>;
}

/** The headers and options of a connection and its requests. */
export interface Access {
  /** By lower-case name; each of several values becomes its own header. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  /** It stays the same object as long as nothing in it changes: connections are cached by it. */
  readonly tls: Readonly<TlsOptions>;
  /** The proxy to the server; if it is missing, the environment's proxy for the server is used. */
  readonly proxy?: URL;
}

/** The TLS options that the credentials determine. */
export interface TlsOptions extends Pick<SecureContextOptions, "ca" | "cert" | "key"> {
  servername?: string;
  rejectUnauthorized?: boolean;
}
