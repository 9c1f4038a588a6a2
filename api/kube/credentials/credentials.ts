import type { SecureContextOptions } from "node:tls";

/** How the API server is reached, and as whom. */
export interface Credentials {
  /** The API server's address; it may have a path, as behind Rancher. */
  readonly server: URL;
  /** The namespace of whoever names none. */
  readonly namespace: string;
  /** What a request needs now. Asked before each one, so that tokens and certificates may change while we run. */
  access(): Promise<Access>;
  /** The server did not accept the last access. Resolves to whether it is worth asking for another one. */
  refused(): Promise<boolean>;
}

/** What a connection and a request carry. */
export interface Access {
  /** By names in lower case; of several values each is a header of its own. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  /** The same object as long as nothing in it changed: connections are kept by it. */
  readonly tls: Readonly<TlsOptions>;
  /** What connections to the server go through; what the environment says of the server when it is missing. */
  readonly proxy?: URL;
}

/** What of TLS the credentials decide. */
export interface TlsOptions extends Pick<SecureContextOptions, "ca" | "cert" | "key"> {
  servername?: string;
  rejectUnauthorized?: boolean;
}
