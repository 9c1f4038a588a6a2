import { BlockList, isIP } from "node:net";
import { domainToASCII } from "node:url";
import { ConfigurationError } from "../client/errors.ts";
import { bareHost, proxyOfVariable } from "./address.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that the environment names for a server, by Go's rules, which kubectl uses: HTTPS_PROXY or HTTP_PROXY by
 * the server's scheme, also in lower case; no proxy for this machine and for hosts in NO_PROXY.
 */
export function environmentProxy(server: URL, env: Environment = process.env): URL | undefined {
  const name = server.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  const text = variable(env, name);
  if (text === "") return undefined;
  // A client of a CGI program can set HTTP_PROXY by a header (https://golang.org/s/cgihttpproxy).
  if (name === "HTTP_PROXY" && env.REQUEST_METHOD) {
    throw new ConfigurationError("refusing to use HTTP_PROXY value in CGI environment; see golang.org/s/cgihttpproxy");
  }
  const host = bareHost(server);
  const port = server.port || (name === "HTTPS_PROXY" ? "443" : "80");
  if (isOwn(host) || isExcepted(host, port, variable(env, "NO_PROXY"))) return undefined;
  return proxyOfVariable(text, name);
}

function variable(env: Environment, name: string): string {
  return env[name] || env[name.toLowerCase()] || "";
}

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

function isOwn(host: string): boolean {
  return host === "localhost" || isIn(loopback, host);
}

/** Whether a list of exceptions has a host, maybe with that port: names, addresses, ranges of addresses, or `*`. */
function isExcepted(host: string, port: string, list: string): boolean {
  const name = host.toLowerCase();
  return list
    .split(",")
    .map((entry) => entry.trim().toLowerCase())
    .some((entry) => entry !== "" && matches(entry, name, port));
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === "*") return true;
  const range = rangeOf(entry);
  if (range) return isIn(range, host);
  const [entryHost, entryPort] = split(entry);
  if (entryHost === "" || (entryPort !== "" && entryPort !== port)) return false;
  const address = rangeOf(`${entryHost}/${isIP(entryHost) === 6 ? 128 : 32}`);
  if (address) return isIn(address, host);
  // An address is never part of a domain.
  if (isIP(host)) return false;
  // `example.com` includes its subdomains; `.example.com` and `*.example.com` are only the subdomains.
  const below = entryHost.startsWith("*.") ? entryHost.slice(1) : entryHost;
  const suffix = ascii(below.startsWith(".") ? below.slice(1) : below);
  return host.endsWith(`.${suffix}`) || (!below.startsWith(".") && host === suffix);
}

/** The addresses of `ADDRESS/BITS`. */
function rangeOf(text: string): BlockList | undefined {
  const [, address = "", bits = ""] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const version = isIP(address);
  if (version === 0 || address.includes("%") || Number(bits) > (version === 4 ? 32 : 128)) return undefined;
  const range = new BlockList();
  range.addSubnet(address, Number(bits), version === 4 ? "ipv4" : "ipv6");
  return range;
}

function isIn(range: BlockList, host: string): boolean {
  const version = isIP(host);
  return version !== 0 && range.check(host, version === 4 ? "ipv4" : "ipv6");
}

/** The parts of `HOST:PORT` or `[ADDRESS]:PORT`; any other text is a host, an IPv6 address too. */
function split(entry: string): [host: string, port: string] {
  const [, bracketed, plain = "", port] = /^(?:\[([^\]]*)\]|([^:]*)):([^:]*)$/.exec(entry) ?? [];
  return port === undefined ? [entry, ""] : [bracketed ?? plain, port];
}

/** A name with non-ASCII letters in its ASCII form. */
function ascii(name: string): string {
  // oxlint-disable-next-line no-control-regex -- the range of ASCII begins with controls
  return /^[\x00-\x7f]*$/.test(name) ? name : domainToASCII(name) || name;
}
