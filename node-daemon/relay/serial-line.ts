import { EventEmitter, once } from "node:events";
import type { Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import { type Log, noLog } from "../../api/kube/log.ts";
import type { Allocation } from "../../api/serving/budget.ts";
import { Allowance } from "./allowance.ts";
import { guaranteedBytes } from "./guaranteed-bytes.ts";
import { connectToQemu } from "./qemu-socket.ts";
import { Turns } from "./turns.ts";

/**
 * Most bytes of input that wait for QEMU, with or without a connection. More input is dropped, as at a serial port. The
 * limit is several times the amount that one writer sends before the hub pauses it. Without it, the input of writers
 * that displace each other would add up while the guest reads nothing.
 */
const mostWaiting = 512 * 1024;

/**
 * Size of one read. A flood comes in reads of a few bytes, and each read is passed on before the next one starts. So
 * one buffer serves all reads of all lines.
 */
const buffer = Buffer.allocUnsafeSlow(16 * 1024);

/**
 * Reads of a line before each read has to wait for a turn, and more reads each second. QEMU's serial port writes a few
 * bytes at a time, so the burst is a hundred kilobytes: a boot or a long listing runs at full speed, for a third of a
 * second of this process. A flood runs at the pace of the turns, several times that of a real serial port. The turns must
 * come often: a unix socket holds about 300 of QEMU's writes, and the guest waits while it is full.
 */
const unpaced = { burst: 16_384, rate: 250 };

/** Reads after an input that count as its answer, and wait for no turn. */
const answers = 2;

/** Most event loop turns that `leave` spends on reading, because a flooding guest never stops. */
const mostTurns = 20;

export interface SerialLineOptions {
  log?: Log;
  /** Milliseconds between attempts to connect. They double from `first` up to `most`. */
  retry?: { first: number; most: number };
  /** The holding that pays for waiting input. */
  holding?: Allocation | undefined;
  /** Shared with the lines that must not wait for this one; by default, the line has its own. */
  turns?: Turns | undefined;
  /** The number of clients. With many clients, a read costs more than one. */
  clients?: () => number;
}

/** Up to this number of clients, a read costs as much as without clients. */
const fewClients = 16;

/**
 * The one connection to a serial socket of QEMU, which serves one client at a time. The line dials at once, and again
 * whenever the connection breaks, until `end`.
 */
export class SerialLine {
  readonly #path: string;
  readonly #receive: (bytes: Uint8Array) => void;
  readonly #drained: () => void;
  readonly #log: Log;
  readonly #retry: { first: number; most: number };
  readonly #holding: Allocation | undefined;
  readonly #turns: Turns;
  readonly #clients: () => number;
  readonly #reads = new Allowance(unpaced);
  /** Reads left that count as answers to an input. */
  #answers = 0;
  /** Whether it reads everything without waiting for turns. */
  #readAll = false;
  #socket: Socket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #wait: number;
  readonly #ended = new AbortController();
  readonly #events = new EventEmitter();
  #waiting: Uint8Array[] = [];
  #waitingSize = 0;

  /**
   * `receive` gets QEMU's output in memory that is reused after it returns. After `write` has returned false, the line
   * calls `drained` when it takes input again.
   */
  constructor(
    path: string,
    { receive, drained }: { receive: (bytes: Uint8Array) => void; drained: () => void },
    {
      log = noLog,
      retry = { first: 20, most: 1000 },
      holding,
      turns = new Turns({ interval: 3 }),
      clients = () => 0,
    }: SerialLineOptions = {},
  ) {
    this.#path = path;
    this.#receive = receive;
    this.#drained = drained;
    this.#log = log;
    this.#retry = retry;
    this.#holding = holding;
    this.#turns = turns;
    this.#clients = clients;
    this.#wait = retry.first;
    this.#dial();
  }

  get connected(): boolean {
    return this.#socket?.readyState === "open";
  }

  /** Resolves when there is a connection. Throws when the signal aborts or the line has ended. */
  async whenConnected(signal: AbortSignal): Promise<void> {
    const either = AbortSignal.any([signal, this.#ended.signal]);
    either.throwIfAborted();
    if (!this.connected) await once(this.#events, "connected", { signal: either });
  }

  /**
   * Passes input on, or drops it when it would exceed `mostWaiting`. Returns `false` when the sender should wait for
   * `drained`. Without a connection, the input waits for one.
   */
  write(bytes: Uint8Array): boolean {
    const socket = this.connected ? this.#socket : undefined;
    this.#answers = answers;
    this.#turns.input();
    const waiting = socket?.writableLength ?? this.#waitingSize;
    const room = waiting + bytes.length <= guaranteedBytes.input || (this.#holding?.take(bytes.length) ?? true);
    if (room && waiting + bytes.length <= mostWaiting) {
      if (socket) this.#pass(socket, bytes);
      else {
        this.#waiting.push(bytes);
        this.#waitingSize += bytes.length;
      }
    }
    return socket !== undefined && !socket.writableNeedDrain;
  }

  #pass(socket: Socket, bytes: Uint8Array): void {
    socket.write(bytes, () => this.#holding?.give(bytes.length));
  }

  /** Keeps reading until QEMU has closed the connection, or for `limit` milliseconds, and ends the line for good. */
  async end(limit = 500): Promise<void> {
    clearTimeout(this.#timer);
    this.#ended.abort(new Error(`the connection to ${this.#path} has ended`));
    const socket = this.#socket;
    if (!socket) return;
    this.#readAll = true;
    socket.resume();
    if (this.connected) await once(socket, "close", { signal: AbortSignal.timeout(limit) }).catch(() => {});
    socket.destroy();
    this.#socket = undefined;
  }

  /** Reads the output that has already arrived, and disconnects. QEMU keeps running for the next client. */
  async leave(): Promise<void> {
    let seen: number | undefined;
    this.#readAll = true;
    this.#socket?.resume();
    for (let turn = 0; turn < mostTurns && seen !== this.#socket?.bytesRead; turn += 1) {
      seen = this.#socket?.bytesRead;
      await setImmediate();
      await setImmediate();
    }
    await this.end(0);
  }

  /** Whether the line may read again without waiting for a turn. */
  #mayReadOn(): boolean {
    if (this.#readAll) return true;
    if (this.#answers > 0) {
      this.#answers -= 1;
      return true;
    }
    const cost = Math.max(1, this.#clients() / fewClients);
    return this.#reads.take(cost);
  }

  #dial(): void {
    const callback = (length: number, bytes: Uint8Array): boolean => {
      this.#receive(bytes.subarray(0, length));
      if (this.#mayReadOn()) return true;
      this.#turns.wait(() => socket.resume());
      return false;
    };
    const socket = connectToQemu(this.#path, { onread: { buffer, callback } });
    let reason = "QEMU closed it";
    this.#socket = socket;
    socket.on("connect", () => {
      this.#wait = this.#retry.first;
      this.#log("debug", "serial socket connected", { path: this.#path });
      for (const bytes of this.#waiting) this.#pass(socket, bytes);
      this.#waiting = [];
      this.#waitingSize = 0;
      this.#events.emit("connected");
      this.#drained();
    });
    socket.on("drain", this.#drained);
    socket.on("error", (error) => {
      reason = error.message;
    });
    socket.on("close", () => {
      if (this.#ended.signal.aborted) return;
      this.#log("debug", "serial socket not connected", { path: this.#path, reason });
      this.#socket = undefined;
      this.#timer = setTimeout(() => this.#dial(), this.#wait);
      this.#wait = Math.min(this.#wait * 2, this.#retry.most);
    });
  }
}
