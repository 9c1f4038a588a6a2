import { ConfigurationError } from "../client/errors.ts";

/** The schemes of proxies that there are, each with the port of an address that names none. */
const ports: Readonly<Record<string, number>> = { "http:": 80, "https:": 443, "socks5:": 1080, "socks5h:": 1080 };

/** Whether it is SOCKS that a proxy speaks, and not HTTP. */
export function isSocks({ protocol }: URL): boolean {
  return protocol.startsWith("socks");
}

/** Where a proxy listens. */
export function endOf(proxy: URL): { host: string; port: number } {
  return { host: bareHost(proxy), port: Number(proxy.port) || (ports[proxy.protocol] ?? 0) };
}

/** A URL's host as sockets take it: an IPv6 address without its brackets. */
export function bareHost({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, "");
}

/** The name and password in a proxy's address, if there are. */
export function userOf({ username, password }: URL): { name: string; password: string } | undefined {
  if (username === "" && password === "") return undefined;
  return { name: decoded(username), password: decoded(password) };
}

/** A proxy's address without the password in it, for people. */
export function shown(proxy: URL): string {
  return `${proxy.protocol}//${proxy.host}`;
}

/** Reads the address of a proxy that `source` names. Throws ConfigurationError, in client-go's words, for one of no use. */
export function proxyAddress(text: string, source: string): URL {
  const url = URL.parse(text);
  if (!url) throw new ConfigurationError(`invalid ${source} "${text}": could not parse: ${text}`);
  return checked(url, text, source);
}

/** As `proxyAddress`, for environment variables: without a scheme it is a proxy of HTTP. `undefined` for what is no address. */
export function proxyOfVariable(text: string, source: string): URL | undefined {
  const url = URL.parse(text);
  // A host before a colon is taken for a scheme.
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
    // A lone percent sign is one.
    return text;
  }
}
