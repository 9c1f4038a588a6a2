import { type Log, noLog } from "../../api/kube/log.ts";
import type { Allocation, Budget } from "../../api/serving/budget.ts";
import { closeCode } from "./close-code.ts";
import { ConsoleClient, type ConsoleConnection } from "./console-client.ts";
import { guaranteedBytes } from "./guaranteed-bytes.ts";
import { logTail } from "./log-files.ts";
import { Pacer } from "./pacer.ts";
import { replayOf } from "./replay.ts";
import { RingBuffer } from "./ring-buffer.ts";
import { SerialLine } from "./serial-line.ts";
import { SerialLog, type SerialLogOptions } from "./serial-log.ts";
import type { Turns } from "./turns.ts";

/** Bytes of output that go on without waiting for more. */
const muchOutput = 64 * 1024;

/** Milliseconds of gathering that each client adds: many clients must not take the guest's processor time. */
const eachClient = 2;

/** The smallest replay in bytes. It must hold the pending output and one read, or all clients miss some. */
const leastReplay = 128 * 1024;

/** Replays take only a small part of the free budget, because they last, and leave the rest to short uses. */
const replayPart = 1 / 64;

export interface SerialHubOptions {
  /** The path of QEMU's serial socket. */
  socket: string;
  /** The path of the log file; `undefined` for no log. */
  logPath: string | undefined;
  log?: Log;
  logOptions?: Omit<SerialLogOptions, "log" | "holding">;
  /** The budget for the replay, the log and input for QEMU; without it, only their own limits apply. */
  budget?: Budget | undefined;
  /** Shared with the ports that must not wait for this one. */
  turns?: Turns | undefined;
  /** Bytes of past output that a new client gets; at least 128 KiB. */
  replay?: number;
  /** Bytes that may be on their way to one client. More output waits in the replay buffer, and may be skipped there. */
  mostInFlight?: number;
  /** Milliseconds for gathering fast output, plus some for each client. */
  gather?: number;
}

/** A client's session on a console. */
export interface ConsoleSession {
  /** Types input. Does nothing when the client only watches, or another writer has displaced it. */
  input(bytes: Uint8Array): void;
  /** Removes the client after it has disconnected. */
  detach(): void;
}

/**
 * A shared serial port of a domain. It holds the one connection to QEMU for the whole life of the domain, and keeps
 * recent output for later clients. It logs all output, and serves any number of clients. The newest client that did not
 * ask for read-only is the writer. A slow client misses output and gets a notice; nothing waits for it.
 */
export class SerialHub {
  /** `undefined` when there is no log. */
  readonly log: SerialLog | undefined;
  readonly #ring: RingBuffer;
  readonly #holdings: readonly Allocation[];
  readonly #line: SerialLine;
  readonly #pacer: Pacer;
  readonly #clients = new Set<ConsoleClient>();
  readonly #mostInFlight: number;
  #writer: ConsoleClient | undefined;
  /** Offset up to which the hub has passed output on. */
  #passed: number;
  #ended: { code: number; reason: string } | undefined;

  /** Makes the hub of a port. Its output continues where the log ends. Dials QEMU until QEMU answers. */
  static async open(options: SerialHubOptions): Promise<SerialHub> {
    const { replay = 256 * 1024, budget } = options;
    if (replay < leastReplay) throw new RangeError(`replay: ${replay} is less than ${leastReplay} bytes`);
    const holding = budget?.holding({ part: replayPart });
    const ring = new RingBuffer(replay, (to, by) => to <= guaranteedBytes.replay || (holding?.take(by) ?? true));
    if (options.logPath !== undefined) ring.push(await logTail(options.logPath, replay));
    return new SerialHub(options, ring, holding);
  }

  private constructor(options: SerialHubOptions, ring: RingBuffer, ofRing: Allocation | undefined) {
    const { socket, logPath, log = noLog, logOptions = {}, mostInFlight = 1024 ** 2, gather = 10 } = options;
    const { budget, turns } = options;
    // Separate holdings: a log that waits for its disk must not keep input from the guest.
    const [ofLog, ofLine] = [budget?.holding(), budget?.holding()];
    this.#holdings = [ofRing, ofLog, ofLine].flatMap((one) => one ?? []);
    this.#ring = ring;
    this.#passed = ring.end;
    this.#mostInFlight = mostInFlight;
    this.log = logPath === undefined ? undefined : new SerialLog(logPath, { ...logOptions, log, holding: ofLog });
    this.#pacer = new Pacer(() => this.#passOn(), { interval: () => gather + eachClient * this.#clients.size });
    const receive = (bytes: Uint8Array): void => this.#receive(bytes);
    const drained = (): void => this.#writer?.connection.resume();
    const clients = (): number => this.#clients.size;
    this.#line = new SerialLine(socket, { receive, drained }, { log, holding: ofLine, turns, clients });
  }

  /** The number of clients. */
  get clients(): number {
    return this.#clients.size;
  }

  get connected(): boolean {
    return this.#line.connected;
  }

  /** Resolves when QEMU is connected. From then on, no output of the guest is lost. */
  async whenConnected(signal: AbortSignal): Promise<void> {
    await this.#line.whenConnected(signal);
  }

  /** Adds a client. It gets the recent output and all that follows. A new writer displaces the previous one. */
  attach(connection: ConsoleConnection, { user, readOnly }: { user: string; readOnly: boolean }): ConsoleSession {
    this.#pacer.flush();
    const ring = this.#ring;
    const client = new ConsoleClient(connection, {
      user,
      readOnly,
      ring,
      place: ring.end,
      mostInFlight: this.#mostInFlight,
    });
    client.show(replayOf(ring.slice(ring.start, ring.end), { cut: ring.start > 0 }));
    if (this.#ended) {
      client.finish(this.#ended.code, this.#ended.reason);
      return { input() {}, detach() {} };
    }
    if (!readOnly) {
      this.#displace(user);
      this.#writer = client;
    }
    this.#clients.add(client);
    return { input: (bytes) => this.#input(client, bytes), detach: () => this.#detach(client) };
  }

  /** Ends the hub after its domain is gone: passes on the last output, and closes every client with the reason. */
  async end(reason: string): Promise<void> {
    await this.#line.end();
    await this.#finish(closeCode.normal, reason);
  }

  /** Closes clients with the reason before a restart of the daemon, so that they reconnect. The domain stays. */
  async stop(reason: string): Promise<void> {
    await this.#line.leave();
    await this.#finish(closeCode.goingAway, reason);
  }

  async #finish(code: number, reason: string): Promise<void> {
    this.#pacer.end();
    this.#ended ??= { code, reason };
    for (const client of this.#clients) client.finish(code, reason);
    this.#clients.clear();
    this.#writer = undefined;
    await this.log?.close();
    for (const holding of this.#holdings) holding.release();
  }

  #receive(bytes: Uint8Array): void {
    this.log?.append(bytes);
    this.#ring.push(bytes);
    // This must happen while the output still fits into the ring together with the next read.
    if (this.#ring.end - this.#passed >= Math.min(muchOutput, this.#ring.size / 2)) this.#pacer.flush();
    else this.#pacer.output();
  }

  #passOn(): void {
    const { start, end } = this.#ring;
    if (this.#passed === end) return;
    const from = Math.max(this.#passed, start);
    this.#passed = end;
    if (this.#clients.size === 0) return;
    const piece = { from, bytes: this.#ring.slice(from, end) };
    for (const client of this.#clients) client.advance(piece);
  }

  #input(client: ConsoleClient, bytes: Uint8Array): void {
    if (client !== this.#writer || bytes.length === 0) return;
    this.#pacer.input();
    if (!this.#line.write(bytes)) client.connection.pause();
  }

  #displace(by: string): void {
    const displaced = this.#writer;
    if (!displaced) return;
    this.#detach(displaced);
    displaced.finish(closeCode.goingAway, `EOF: ${by || "another client"} has taken over this console`);
  }

  #detach(client: ConsoleClient): void {
    this.#clients.delete(client);
    if (this.#writer === client) this.#writer = undefined;
  }
}
