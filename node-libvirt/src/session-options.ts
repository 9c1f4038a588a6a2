import type { KeepAliveOptions } from "./rpc/keep-alive.ts";

/** How a lost connection is made again. */
export interface ReconnectOptions {
  /** Milliseconds before the first attempt, doubled for each next; 100 unless told. */
  minDelay?: number;
  /** The longest pause between attempts in milliseconds; 5000 unless told. */
  maxDelay?: number;
}

/** The limits of a connection, with their defaults. */
export interface LimitOptions {
  /** Milliseconds for a short call; 60000 unless told (libvirt itself gives up on a busy domain after 30 s), 0 for none. */
  timeout?: number | undefined;
  /** Milliseconds for a long job such as a migration; none (0) unless told. */
  longTimeout?: number | undefined;
  /** Milliseconds for a socket to be dialled and authenticated; 10000 unless told. */
  connectTimeout?: number | undefined;
  /** Calls in flight on the main connection; 4 unless told, one below libvirtd's `max_client_requests`. */
  maxInFlight?: number | undefined;
  /** Milliseconds that a short call waits for room on the main connection before it gets one of its own; 50 unless told. */
  patience?: number | undefined;
  /** Long jobs at a time; 16 unless told, so that some of libvirtd's `max_workers` (20) are left for short calls. */
  maxLongCalls?: number | undefined;
  /** How a frozen libvirtd is found out: pings after 5 s of silence, given up after the fifth; false for never. */
  keepAlive?: KeepAliveOptions | false | undefined;
  /** Whether a lost connection is made again, with its event subscriptions; not unless told. */
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
