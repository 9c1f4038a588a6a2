import { existsSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";

/** The place where a libvirt listens, and the hypervisor URI to open there. */
export type Address = { uri: string; readOnly: boolean } & (
  | { transport: "unix"; path: string }
  | { transport: "tcp"; host: string; port: number }
  | { transport: "tls"; host: string; port: number; tls: ConnectionOptions }
);

/** Options for an address besides the URI or path. */
export interface AddressOptions {
  /** The hypervisor to open at a bare socket path; `qemu:///system` by default. */
  uri?: string | undefined;
  /** Requests a read-only connection; writes then fail with `VIR_ERR_OPERATION_DENIED`. */
  readOnly?: boolean | undefined;
  /** For `+tls`: the client's `key`, `cert` and the `ca`, as in `tls.connect`. */
  tls?: ConnectionOptions | undefined;
}

/** `libvirt-sock` if one libvirtd serves everything, else the QEMU daemon's own socket. */
function defaultSocket(session: boolean, readOnly: boolean): string {
  const folder = session
    ? `${process.env.XDG_RUNTIME_DIR ?? `/run/user/${process.getuid?.() ?? 0}`}/libvirt`
    : "/run/libvirt";
  const suffix = readOnly && !session ? "-sock-ro" : "-sock";
  const whole = `${folder}/libvirt${suffix}`;
  const modular = `${folder}/virtqemud${suffix}`;
  return existsSync(modular) && !existsSync(whole) ? modular : whole;
}

/**
 * Parses a libvirt URI (https://libvirt.org/uri.html) into an address: `qemu:///system`,
 * `qemu+unix:///system?socket=/path`, `qemu+tcp://host:16509/system`, `qemu+tls://host/system`; or a socket's path.
 * Throws a TypeError for transports that this client does not support, such as `+ssh`.
 */
export function parseAddress(target: string, { uri, readOnly = false, tls = {} }: AddressOptions = {}): Address {
  if (target.startsWith("/")) {
    return { transport: "unix", path: target, uri: uri ?? "qemu:///system", readOnly };
  }
  const match = /^([a-z]+)(?:\+([a-z0-9]+))?:\/\/(\[[^\]]*\]|[^/:?]*)(?::(\d+))?(\/[^?]*)?(?:\?(.*))?$/.exec(target);
  if (!match) throw new TypeError(`neither a libvirt URI nor an absolute path: ${JSON.stringify(target)}`);
  const [, driver, transport, authority = "", port, path = "/", query] = match;
  const host = authority.replace(/^\[(.*)\]$/, "$1");
  const parameters = new URLSearchParams(query);
  const opened = uri ?? parameters.get("name") ?? `${driver}://${path}`;
  switch (transport ?? (host ? "tls" : "unix")) {
    case "unix": {
      const socket = parameters.get("socket") ?? defaultSocket(path === "/session", readOnly);
      return { transport: "unix", path: socket, uri: opened, readOnly };
    }
    case "tcp":
      return { transport: "tcp", host: host || "localhost", port: Number(port ?? 16509), uri: opened, readOnly };
    case "tls":
      return { transport: "tls", host: host || "localhost", port: Number(port ?? 16514), tls, uri: opened, readOnly };
    default:
      throw new TypeError(`libvirt's transport +${transport} is not spoken here, only unix, tcp and tls`);
  }
}

/** A short form of the address, for messages. */
export function describeAddress(address: Address): string {
  return address.transport === "unix" ? address.path : `${address.transport}://${address.host}:${address.port}`;
}
