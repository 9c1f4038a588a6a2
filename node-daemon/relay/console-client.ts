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
}

/** Bytes that were cut from the ring already, so that all clients that are up to date share one copy. */
export interface Piece {
  readonly from: number;
  readonly bytes: Uint8Array;
}

const pieceSize = 64 * 1024;

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

  /** Sends bytes that are not of the stream: a replay, a notice. */
  show(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#inFlight += bytes.length;
    this.connection.send(bytes, () => {
      this.#inFlight -= bytes.length;
      this.#pump();
    });
  }

  /** The stream is to be sent up to its end as it is now; `piece` is its last part. */
  advance(piece: Piece): void {
    this.#target = this.#ring.end;
    if (this.#place === piece.from && !this.#full && this.#inFlight < this.#mostInFlight) {
      this.#place = this.#target;
      this.show(piece.bytes);
    } else this.#pump();
  }

  /** Sends what is left however slow the client is (it is no more than the ring), and closes. */
  finish(code: number, reason: string): void {
    this.#target = this.#ring.end;
    this.#tellSkipped();
    const rest = this.#ring.slice(this.#place, this.#target);
    this.#place = this.#target;
    this.show(rest);
    this.connection.close(code, reason);
  }

  #pump(): void {
    // Once full it waits until half is gone, so that a slow client reads a stretch between two gaps.
    if (this.#full && this.#inFlight > this.#mostInFlight / 2) return;
    this.#full = false;
    while (this.#place < this.#target) {
      if (this.#inFlight >= this.#mostInFlight) {
        this.#full = true;
        return;
      }
      this.#tellSkipped();
      const to = Math.min(this.#target, this.#place + pieceSize);
      const bytes = this.#ring.slice(this.#place, to);
      this.#place = to;
      this.show(bytes);
    }
  }

  #tellSkipped(): void {
    const skipped = this.#ring.start - this.#place;
    if (skipped <= 0) return;
    this.#place = this.#ring.start;
    this.show(Buffer.from(`\r\n[${skipped} bytes skipped: this client reads too slowly]\r\n`));
  }
}
