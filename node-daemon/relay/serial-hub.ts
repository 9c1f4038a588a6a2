import { type Log, noLog } from "../../api/kube/log.ts";
import type { Budget, Holding } from "../../api/serving/budget.ts";
import { always } from "./always.ts";
import { closeCode } from "./close-code.ts";
import { ConsoleClient, type ConsoleConnection } from "./console-client.ts";
import { logTail } from "./log-files.ts";
import { Pacer } from "./pacer.ts";
import { replayOf } from "./replay.ts";
import { RingBuffer } from "./ring-buffer.ts";
import { SerialLine } from "./serial-line.ts";
import { SerialLog, type SerialLogOptions } from "./serial-log.ts";
import type { Turns } from "./turns.ts";

/** Output that is this much is passed on without waiting for more. */
const muchOutput = 64 * 1024;

/** Milliseconds by which each client lengthens the gathering: many of them are not to take the guest's processor. */
const eachClient = 2;

/** The smallest replay: what waits to be passed on and one read must fit, or all clients miss some. */
const leastReplay = 128 * 1024;

/** Replays last: they leave a good part of what is left to what comes and goes. */
const replayPart = 1 / 64;

export interface SerialHubOptions {
  /** Path of QEMU's serial socket. */
  socket: string;
  /** Path of the log file; `undefined` when none is kept. */
  logPath: string | undefined;
  log?: Log;
  logOptions?: Omit<SerialLogOptions, "log" | "holding">;
  /** What its replay, its log and what waits for QEMU are part of; without it they have bounds of their own only. */
  budget?: Budget | undefined;
  /** Shared with the ports that are not to wait for this one. */
  turns?: Turns | undefined;
  /** How many bytes of output a new client is shown; 128 KiB or more. */
  replay?: number;
  /** How many bytes may be on their way to one client; what is more waits in the replay buffer, and is skipped there. */
  mostInFlight?: number;
  /** How many milliseconds output is gathered while it comes fast; some more for each client. */
  gather?: number;
}

/** A client's hold on a console. */
export interface ConsoleSession {
  /** Types; nothing happens when the client is a watcher, or was displaced. */
  input(bytes: Uint8Array): void;
  /** The client is gone. */
  detach(): void;
}

/**
 * A serial port of a domain, shared: it holds the one connection to QEMU from the start of the domain to its end, keeps
 * the last output for who comes later, logs all of it, and serves any number of clients. One of them writes, the newest
 * that did not ask to only watch. A client that reads slowly misses output and is told so; nobody waits for it.
 */
export class SerialHub {
  /** `undefined` when none is kept. */
  readonly log: SerialLog | undefined;
  readonly #ring: RingBuffer;
  readonly #holdings: readonly Holding[];
  readonly #line: SerialLine;
  readonly #pacer: Pacer;
  readonly #clients = new Set<ConsoleClient>();
  readonly #mostInFlight: number;
  #writer: ConsoleClient | undefined;
  /** Offset up to which output was passed on. */
  #passed: number;
  #ended: { code: number; reason: string } | undefined;

  /** Makes the hub of a port, which goes on where the log ends, and dials QEMU until there is an answer. */
  static async open(options: SerialHubOptions): Promise<SerialHub> {
    const { replay = 256 * 1024, budget } = options;
    if (replay < leastReplay) throw new RangeError(`replay: ${replay} is less than ${leastReplay} bytes`);
    const holding = budget?.holding({ part: replayPart });
    const ring = new RingBuffer(replay, (to, by) => to <= always.replay || (holding?.take(by) ?? true));
    if (options.logPath !== undefined) ring.push(await logTail(options.logPath, replay));
    return new SerialHub(options, ring, holding);
  }

  private constructor(options: SerialHubOptions, ring: RingBuffer, ofRing: Holding | undefined) {
    const { socket, logPath, log = noLog, logOptions = {}, mostInFlight = 1024 ** 2, gather = 10 } = options;
    const { budget, turns } = options;
    // One each: a log that waits for its disk is not to keep what is typed from the guest.
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

  /** How many clients it has. */
  get clients(): number {
    return this.#clients.size;
  }

  get connected(): boolean {
    return this.#line.connected;
  }

  /** Resolves when QEMU is connected: nothing that the guest writes from then on is lost. */
  async whenConnected(signal: AbortSignal): Promise<void> {
    await this.#line.whenConnected(signal);
  }

  /** Adds a client: it is shown the last output and all that comes; a writer displaces the writer before it. */
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

  /** The domain is gone: passes on what it wrote last, and closes every client with the reason. */
  async end(reason: string): Promise<void> {
    await this.#line.end();
    await this.#finish(closeCode.normal, reason);
  }

  /** The daemon goes, the domain stays: closes every client with the reason, so that they come again. */
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
    // While it still fits into the ring beside the next read.
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
