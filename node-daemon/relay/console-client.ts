import type { Allocation } from "../../api/serving/budget.ts";
import { guaranteedBytes } from "./guaranteed-bytes.ts";
import type { RingBuffer } from "./ring-buffer.ts";

/** The connection to one client of a console. */
export interface ConsoleConnection {
  /** Sends bytes. Calls `sent` when they have left this process's memory, or can never be sent. */
  send(bytes: Uint8Array, sent: () => void): void;
  /** Stops sending, and reports the reason. */
  close(code: number, reason: string): void;
  /** Takes no input until `resume`. */
  pause(): void;
  resume(): void;
  /** The holding that pays for bytes on their way to the client; without it, only `mostInFlight` limits these. */
  readonly holding?: Allocation | undefined;
}

/** Bytes already cut from the ring, so that all up-to-date clients share one copy. */
export interface Piece {
  readonly from: number;
  readonly bytes: Uint8Array;
}

const pieceSize = guaranteedBytes.client;

/** Waiting bytes are in memory twice: as plain text, and as encrypted by TLS. */
const copies = 2;

/**
 * One client's position in the output of a console. The client gets the ring's bytes after its position as fast as it
 * reads. It skips bytes that the ring has lost meanwhile, and gets a notice of how many.
 */
export class ConsoleClient {
  readonly connection: ConsoleConnection;
  readonly user: string;
  readonly readOnly: boolean;
  readonly #ring: RingBuffer;
  readonly #mostInFlight: number;
  /** Offset of the next byte to send. */
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

  /** Sends bytes outside the stream: a replay or a notice. Without room for all, sends only the end. */
  show(bytes: Uint8Array): void {
    const taken = this.#room(bytes.length);
    this.#send(taken === undefined ? bytes.subarray(-pieceSize) : bytes, taken);
  }

  /** Sends the stream up to its current end; `piece` is its last part. */
  advance(piece: Piece): void {
    this.#target = this.#ring.end;
    const taken = this.#place === piece.from && !this.#full ? this.#room(piece.bytes.length) : undefined;
    if (taken === undefined) return this.#pump();
    this.#place = this.#target;
    this.#send(piece.bytes, taken);
  }

  /**
   * Sends the rest and closes: all of it (at most the ring) if there is room, else only the end, however slow the
   * client is.
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
    // When full, it waits until half is gone, so that a slow client reads a long stretch between two gaps.
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

  /** Skips to a later position, with a notice, if it is not there yet. */
  #tellSkipped(place: number): void {
    const skipped = place - this.#place;
    if (skipped <= 0) return;
    this.#place = place;
    this.#send(Buffer.from(`\r\n[${skipped} bytes skipped: this client reads too slowly]\r\n`));
  }

  /** Makes room for bytes on their way. Returns the part taken from the budget; `undefined` when there is no room. */
  #room(size: number): number | undefined {
    if (this.#inFlight >= this.#mostInFlight) return undefined;
    return this.#inFlight + size <= guaranteedBytes.client ? 0 : this.#take(size);
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
