import { Connection } from "./connection/connection.ts";
import { type AddressOptions, parseAddress } from "./rpc/address.ts";
import { type LimitOptions, sessionOptions } from "./session-options.ts";

/** Options of {@link connect}. */
export interface ConnectOptions extends AddressOptions, LimitOptions {
  /** Stops connecting. It has no effect once connected. */
  signal?: AbortSignal | undefined;
}

/**
 * Connects to a libvirt: `/run/libvirt/libvirt-sock` or any other socket's path, `qemu:///system`,
 * `qemu+tcp://host/system`, `qemu+tls://host/system`.
 *
 * Rejects with a DisconnectedError (`unreachable`: nothing listens; `authentication`), a LibvirtError (libvirt could
 * not open the hypervisor), the signal's reason, or a TimeoutError after `connectTimeout`.
 */
export async function connect(target = "qemu:///system", options: ConnectOptions = {}): Promise<Connection> {
  const connection = new Connection(parseAddress(target, options), sessionOptions(options));
  await connection.open(options.signal);
  return connection;
}
