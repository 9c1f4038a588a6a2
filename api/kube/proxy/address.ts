import { ConfigurationError } from "../client/errors.ts";

/** The supported schemes of proxies, each with its default port. */
const ports: Readonly<Record<string, number>> = { "http:": 80, "https:": 443, "socks5:": 1080, "socks5h:": 1080 };

/** Whether a proxy speaks SOCKS, not HTTP. */
export function isSocks({ protocol }: URL): boolean {
  return protocol.startsWith("socks");
}

/** A proxy's host and port. */
export function hostAndPort(proxy: URL): { host: string; port: number } {
  return { host: bareHost(proxy), port: Number(proxy.port) || (ports[proxy.protocol] ?? 0) };
}

/** A URL's host in the form for sockets: an IPv6 address without its brackets. */
export function bareHost({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, "");
}

/** The name and password in a proxy's address; `undefined` if it has neither. */
export function userOf({ username, password }: URL): { name: string; password: string } | undefined {
  if (username === "" && password === "") return undefined;
  return { name: decoded(username), password: decoded(password) };
}

/** A proxy's address without user and password, for people. */
export function shown(proxy: URL): string {
  return `${proxy.protocol}//${proxy.host}`;
}

/** Parses a proxy's address from `source`. Throws ConfigurationError, with client-go's messages, for a bad one. */
export function proxyAddress(text: string, source: string): URL {
  const url = URL.parse(text);
  if (!url) throw new ConfigurationError(`invalid ${source} "${text}": could not parse: ${text}`);
  return checked(url, text, source);
}

/** As `proxyAddress`, for environment variables: HTTP is the default scheme. `undefined` if it is no address. */
export function proxyOfVariable(text: string, source: string): URL | undefined {
  const url = URL.parse(text);
  // `URL.parse` takes a host before a colon for a scheme.
  const address = url && url.host !== "" ? url : URL.parse(`http://${text}`);
  return address ? checked(address, text, source) : undefined;
}

function checked(url: URL, text: string, source: string): URL {
  if (ports[url.protocol] === undefined) {
    const scheme = url.protocol.replace(":", "");
    throw new ConfigurationError(
      `invalid ${source} "${text}": unsupported scheme "${scheme}", must be http, https, or socks5`,
    );
  }
  return url;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A percent sign that escapes nothing stays as it is.
    return text;
  }
}
