import type { KeepAliveOptions } from "./rpc/keep-alive.ts";

/** Options for reconnecting after a lost connection. */
export interface ReconnectOptions {
  /** Milliseconds before the first attempt, doubled for each next one; 100 by default. */
  minDelay?: number;
  /** The longest pause between attempts in milliseconds; 5000 by default. */
  maxDelay?: number;
}

/** The limits of a connection, with their defaults. */
export interface LimitOptions {
  /** Milliseconds for a short call; 60000 by default (libvirt gives up on a busy domain after 30 s), 0 for none. */
  timeout?: number | undefined;
  /** Milliseconds for a long job such as a migration; none (0) by default. */
  longTimeout?: number | undefined;
  /** Milliseconds to dial and authenticate a socket; 10000 by default. */
  connectTimeout?: number | undefined;
  /** Calls in flight on the main connection; 4 by default, one below libvirtd's `max_client_requests`. */
  maxInFlight?: number | undefined;
  /** Milliseconds that a short call waits for room on the main connection before it gets its own; 50 by default. */
  patience?: number | undefined;
  /** Long jobs at a time; 16 by default, so that some of libvirtd's `max_workers` (20) stay free for short calls. */
  maxLongCalls?: number | undefined;
  /** Detection of a frozen libvirtd: pings after 5 s of silence, gives up after the fifth; false for never. */
  keepAlive?: KeepAliveOptions | false | undefined;
  /** Whether to reconnect after a lost connection, and subscribe to its events again; off by default. */
  reconnect?: ReconnectOptions | boolean | undefined;
}

/** {@link LimitOptions} with the defaults filled in. */
export interface SessionOptions {
  timeout: number;
  longTimeout: number;
  connectTimeout: number;
  maxInFlight: number;
  patience: number;
  maxLongCalls: number;
  keepAlive: KeepAliveOptions | false;
  reconnect: Required<ReconnectOptions> | false;
}

/** Fills in the defaults. */
export function sessionOptions(options: LimitOptions): SessionOptions {
  const reconnect = options.reconnect === true ? {} : (options.reconnect ?? false);
  return {
    timeout: options.timeout ?? 60_000,
    longTimeout: options.longTimeout ?? 0,
    connectTimeout: options.connectTimeout ?? 10_000,
    maxInFlight: options.maxInFlight ?? 4,
    patience: options.patience ?? 50,
    maxLongCalls: options.maxLongCalls ?? 16,
    keepAlive: options.keepAlive ?? {},
    reconnect: reconnect && { minDelay: reconnect.minDelay ?? 100, maxDelay: reconnect.maxDelay ?? 5000 },
  };
}
