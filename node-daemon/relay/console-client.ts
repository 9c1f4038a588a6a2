import type { Holding } from "../../api/serving/budget.ts";
import { always } from "./always.ts";
import type { RingBuffer } from "./ring-buffer.ts";

/** The way to one client of a console. */
export interface ConsoleConnection {
  /** Sends bytes; `sent` is called when they are out of this process's memory, or never will be. */
  send(bytes: Uint8Array, sent: () => void): void;
  /** Sends no more, and says why. */
  close(code: number, reason: string): void;
  /** Takes no input until `resume`. */
  pause(): void;
  resume(): void;
  /** What the bytes on their way to it are part of; without it they have their own bound only. */
  readonly holding?: Holding | undefined;
}

/** Bytes that were cut from the ring already, so that all clients that are up to date share one copy. */
export interface Piece {
  readonly from: number;
  readonly bytes: Uint8Array;
}

const pieceSize = always.client;

/** What waits for a client is there as it was and as TLS has encrypted it. */
const copies = 2;

/**
 * One client's place in the output of a console. It is sent what the ring holds beyond its place as fast as it reads;
 * what the ring lost meanwhile is skipped, and the client is told how much.
 */
export class ConsoleClient {
  readonly connection: ConsoleConnection;
  readonly user: string;
  readonly readOnly: boolean;
  readonly #ring: RingBuffer;
  readonly #mostInFlight: number;
  /** Offset of the byte that is sent next. */
  #place: number;
  #target: number;
  #inFlight = 0;
  #full = false;

  constructor(
    connection: ConsoleConnection,
    {
      user,
      readOnly,
      ring,
      place,
      mostInFlight,
    }: { user: string; readOnly: boolean; ring: RingBuffer; place: number; mostInFlight: number },
  ) {
    this.connection = connection;
    this.user = user;
    this.readOnly = readOnly;
    this.#ring = ring;
    this.#place = place;
    this.#target = place;
    this.#mostInFlight = mostInFlight;
  }

  /** Sends bytes that are not of the stream: a replay, a notice. Of what finds no room, the end. */
  show(bytes: Uint8Array): void {
    const taken = this.#room(bytes.length);
    this.#send(taken === undefined ? bytes.subarray(-pieceSize) : bytes, taken);
  }

  /** The stream is to be sent up to its end as it is now; `piece` is its last part. */
  advance(piece: Piece): void {
    this.#target = this.#ring.end;
    const taken = this.#place === piece.from && !this.#full ? this.#room(piece.bytes.length) : undefined;
    if (taken === undefined) return this.#pump();
    this.#place = this.#target;
    this.#send(piece.bytes, taken);
  }

  /**
   * Sends what is left and closes: however slow the client is, the last of it; all of it, which is no more than the ring,
   * if there is room.
   */
  finish(code: number, reason: string): void {
    this.#target = this.#ring.end;
    const taken = this.#take(this.#target - Math.max(this.#place, this.#ring.start));
    this.#tellSkipped(Math.max(this.#ring.start, taken === undefined ? this.#target - pieceSize : 0));
    const rest = this.#ring.slice(this.#place, this.#target);
    this.#place = this.#target;
    this.#send(rest, taken);
    this.connection.close(code, reason);
  }

  #pump(): void {
    // Once full it waits until half is gone, so that a slow client reads a stretch between two gaps.
    if (this.#full && this.#inFlight > this.#mostInFlight / 2) return;
    this.#full = false;
    while (this.#place < this.#target) {
      const from = Math.max(this.#place, this.#ring.start);
      const to = Math.min(this.#target, from + pieceSize);
      const taken = this.#room(to - from);
      if (taken === undefined) {
        this.#full = this.#inFlight >= this.#mostInFlight;
        return;
      }
      this.#tellSkipped(this.#ring.start);
      const bytes = this.#ring.slice(from, to);
      this.#place = to;
      this.#send(bytes, taken);
    }
  }

  /** Goes on at a later place, and says so, if it is not there yet. */
  #tellSkipped(place: number): void {
    const skipped = place - this.#place;
    if (skipped <= 0) return;
    this.#place = place;
    this.#send(Buffer.from(`\r\n[${skipped} bytes skipped: this client reads too slowly]\r\n`));
  }

  /** Makes room for bytes on their way, and returns what of the budget it takes; `undefined` when there is none. */
  #room(size: number): number | undefined {
    if (this.#inFlight >= this.#mostInFlight) return undefined;
    return this.#inFlight + size <= always.client ? 0 : this.#take(size);
  }

  #take(size: number): number | undefined {
    const { holding } = this.connection;
    if (!holding) return 0;
    return holding.take(copies * size) ? copies * size : undefined;
  }

  #send(bytes: Uint8Array, taken = 0): void {
    if (bytes.length === 0) return;
    this.#inFlight += bytes.length;
    this.connection.send(bytes, () => {
      this.#inFlight -= bytes.length;
      this.connection.holding?.give(taken);
      this.#pump();
    });
  }
}
