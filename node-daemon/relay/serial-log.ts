import { EventEmitter, once } from "node:events";
import { type FileHandle, mkdir, open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { type Log, noLog } from "../../api/kube/log.ts";
import type { Allocation } from "../../api/serving/budget.ts";
import { undefinedIfGone } from "../../api/values/error-code.ts";
import { Allowance } from "./allowance.ts";
import { guaranteedBytes } from "./guaranteed-bytes.ts";
import { rotated } from "./log-files.ts";
import { Pacer } from "./pacer.ts";

export interface SerialLogOptions {
  log?: Log;
  /** Bytes after which the log starts a new file. */
  maxSize?: number;
  /** Number of files to keep, including the current one. */
  files?: number;
  /** Bytes that may wait for a slow disk. More bytes are lost, and the log says so. */
  mostPending?: number;
  /** The holding that pays for waiting bytes; without it, only `mostPending` limits these. */
  holding?: Allocation | undefined;
  /** Bytes per second that the log takes from a flooding guest. More bytes are lost, and the log says so. */
  rate?: number;
  /** Bytes that the log takes at any speed. */
  burst?: number;
  /**
   * Milliseconds for gathering fast output; a kill of the daemon loses this output. A lower value would harm: each
   * write wakes a thread that takes processor time from the reader, and QEMU stops when its socket is full.
   */
  gather?: number;
}

/** Bytes of one block for output that waits for a write. */
const blockSize = 4096;

/** Milliseconds that the log skips for a guest that writes too fast: one long gap instead of many small ones. */
const gap = 1000;

/**
 * The log of a serial port: appends bytes to a file as they come, and rotates files. It never makes its caller wait. It
 * drops and counts bytes that the disk or the rate limit refuses.
 */
export class SerialLog {
  readonly path: string;
  readonly #log: Log;
  readonly #maxSize: number;
  readonly #files: number;
  readonly #mostPending: number;
  readonly #holding: Allocation | undefined;
  readonly #allowance: Allowance;
  readonly #pacer: Pacer;
  readonly #changes = new EventEmitter().setMaxListeners(0);
  /** Full blocks, and the one being filled: QEMU sends a few bytes at a time. */
  #full: Buffer[] = [];
  #block = Buffer.alloc(0);
  #filled = 0;
  #pendingSize = 0;
  /** The number of pending bytes that the holding pays for. */
  #taken = 0;
  /** The number of bytes dropped because too many were pending. */
  #lost = 0;
  /** The number of bytes dropped because they came too fast, and the timer that ends this gap. */
  #tooFast = 0;
  #gapEnds: NodeJS.Timeout | undefined;
  /** The number of bytes that the disk has refused since its last successful write. */
  #refused = 0;
  #writing: Promise<void> | undefined;
  #file: FileHandle | undefined;
  #size = 0;
  #version = 0;
  #closed = false;

  constructor(
    path: string,
    {
      log = noLog,
      maxSize = 4 * 1024 ** 2,
      files = 3,
      mostPending = 1024 ** 2,
      holding,
      rate = 512 * 1024,
      burst = 4 * 1024 ** 2,
      gather = 30,
    }: SerialLogOptions = {},
  ) {
    this.path = path;
    this.#log = log;
    this.#maxSize = maxSize;
    this.#files = files;
    this.#mostPending = Math.min(mostPending, maxSize);
    this.#holding = holding;
    this.#allowance = new Allowance({ rate, burst });
    this.#pacer = new Pacer(() => this.#startWriting(), { interval: () => gather });
  }

  /** Changes with each write, so that a reader at the end of the file can detect new output. */
  get version(): number {
    return this.#version;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Resolves at the next write or rotation, or at the end of the log. */
  async changed(signal: AbortSignal): Promise<void> {
    await once(this.#changes, "change", { signal });
  }

  /** Copies bytes, and writes them within milliseconds. */
  append(bytes: Uint8Array): void {
    if (this.#gapEnds) {
      this.#tooFast += bytes.length;
      return;
    }
    this.#append(bytes);
    if (!this.#allowance.take(bytes.length)) this.#gapEnds = setTimeout(() => this.#endGap(), gap);
  }

  #append(bytes: Uint8Array): void {
    // A gap lasts until all pending bytes are written, so that there is one place for its note.
    if (this.#closed || this.#lost > 0 || !this.#mayWait(bytes.length)) {
      this.#lost += bytes.length;
      return;
    }
    this.#keep(bytes);
    this.#pacer.output();
  }

  #mayWait(size: number): boolean {
    const pending = this.#pendingSize + size;
    return pending <= this.#mostPending && (pending <= guaranteedBytes.log || this.#mayTake(size));
  }

  #mayTake(size: number): boolean {
    if (!(this.#holding?.take(size) ?? true)) return false;
    this.#taken += size;
    return true;
  }

  #endGap(): void {
    clearTimeout(this.#gapEnds);
    this.#gapEnds = undefined;
    const [note] = noteOf(this.#tooFast, `the guest wrote more than ${this.#allowance.rate} bytes a second`);
    this.#tooFast = 0;
    if (note) this.#append(note);
  }

  #keep(bytes: Uint8Array): void {
    this.#pendingSize += bytes.length;
    if (this.#filled + bytes.length > this.#block.length) this.#startBlock();
    if (bytes.length > this.#block.length) {
      // A block is reused after its write; this buffer is not.
      this.#full.push(Buffer.from(bytes));
      return;
    }
    this.#block.set(bytes, this.#filled);
    this.#filled += bytes.length;
  }

  #startBlock(): void {
    if (this.#filled > 0) this.#full.push(this.#block.subarray(0, this.#filled));
    if (this.#filled > 0 || this.#block.length === 0) this.#block = Buffer.allocUnsafeSlow(blockSize);
    this.#filled = 0;
  }

  /** Writes all pending bytes, and closes the file. */
  async close(): Promise<void> {
    this.#endGap();
    this.#pacer.flush();
    await this.#writing;
    this.#closed = true;
    await this.#file?.close();
    this.#file = undefined;
    this.#changed();
  }

  #startWriting(): void {
    if (this.#pendingSize > 0) this.#writing ??= this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    while (this.#pendingSize > 0) {
      const pending = [...this.#full, this.#block.subarray(0, this.#filled)];
      const bytes = Buffer.concat([...noteOf(this.#refused, untaken), ...pending, ...noteOf(this.#lost, untaken)]);
      const taken = this.#taken;
      const size = this.#refused + this.#pendingSize + this.#lost;
      this.#taken = 0;
      this.#full = [];
      this.#filled = 0;
      this.#pendingSize = 0;
      this.#lost = 0;
      try {
        await this.#write(bytes);
        this.#refused = 0;
      } catch (error) {
        if (this.#refused === 0) this.#log("error", "serial log not written", { path: this.path, error });
        this.#refused = size;
      }
      this.#holding?.give(taken);
      this.#changed();
    }
    this.#writing = undefined;
  }

  async #write(bytes: Buffer): Promise<void> {
    if (this.#file && this.#size > 0 && this.#size + bytes.length > this.#maxSize) await this.#rotate();
    this.#file ??= await this.#open();
    for (let written = 0; written < bytes.length; ) {
      written += (await this.#file.write(bytes, written)).bytesWritten;
    }
    this.#size += bytes.length;
  }

  async #open(): Promise<FileHandle> {
    await mkdir(dirname(this.path), { recursive: true });
    const file = await open(this.path, "a", 0o640);
    this.#size = (await file.stat()).size;
    return file;
  }

  async #rotate(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
    for (let number = this.#files - 1; number > 0; number -= 1) {
      await rename(rotated(this.path, number - 1), rotated(this.path, number)).catch(undefinedIfGone);
    }
  }

  #changed(): void {
    this.#version += 1;
    this.#changes.emit("change");
  }
}

const untaken = "the disk did not take them";

/** The note for a place where bytes are missing. */
function noteOf(missing: number, why: string): Buffer[] {
  if (missing === 0) return [];
  return [Buffer.from(`\r\n[${missing} bytes are missing here: ${why}]\r\n`)];
}
