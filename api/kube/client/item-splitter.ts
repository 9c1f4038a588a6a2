import { ProtocolError } from "./errors.ts";

const [quote, backslash] = [0x22, 0x5c];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];

/** The longest allowed item, in bytes: etcd stores objects of up to 1.5 MB, aggregated servers may have larger ones. */
const longestItem = 64 * 1024 * 1024;

/** The most bytes of a list outside its items. */
const longestRest = 1024 * 1024;

/**
 * Splits the JSON text of a list into items while its bytes arrive, wherever chunks end. So only one item is in memory
 * at a time, never the list. It only finds where each item ends; errors inside an item show when the caller parses it.
 */
export class ItemSplitter {
  readonly #limit: number;
  readonly #rest: Buffer[] = [];
  #item: Buffer[] = [];
  #length = { rest: 0, item: 0 };
  /** The number of open objects and lists. */
  #depth = 0;
  #inItems = false;
  #inString = false;
  /** Whether the last chunk ended after a backslash inside a string, which escapes the next character. */
  #isEscaped = false;

  constructor(limit: number = longestItem) {
    this.#limit = limit;
  }

  /** The items that end in a chunk. Throws ProtocolError for an item that is too long. */
  *push(chunk: Buffer): Generator<Buffer> {
    let start = 0;
    for (let at = 0; at < chunk.length; ) {
      if (this.#inString) {
        at = this.#endOfString(chunk, at);
        continue;
      }
      const byte = chunk[at];
      at += 1;
      if (byte === quote) this.#inString = true;
      else if (byte === openBrace || byte === openBracket) {
        this.#depth += 1;
        if (this.#inItems && this.#depth === 3) start = at - 1;
        else if (this.#depth === 2 && byte === openBracket && this.#isItems(chunk.subarray(start, at - 1))) {
          this.#keep(chunk.subarray(start, at));
          this.#inItems = true;
        }
      } else if (byte === closeBrace || byte === closeBracket) {
        this.#depth -= 1;
        if (this.#inItems && this.#depth === 2) yield this.#take(chunk.subarray(start, at));
        else if (this.#inItems && this.#depth === 1) {
          this.#inItems = false;
          start = at - 1;
        }
      }
    }
    // Between items there are only commas.
    if (!this.#inItems || this.#depth > 2) this.#keep(chunk.subarray(start));
  }

  /** The list without its items. Throws ProtocolError if the list is incomplete. */
  rest(): Buffer {
    if (this.#depth > 0 || this.#inString) throw new ProtocolError("a list ended in the middle");
    return Buffer.concat(this.#rest);
  }

  /** The position after a string, or the chunk's end. */
  #endOfString(chunk: Buffer, from: number): number {
    const end = chunk.indexOf(quote, from);
    const stop = end < 0 ? chunk.length : end;
    let first = stop;
    while (first > from && chunk[first - 1] === backslash) first -= 1;
    const isCarried = this.#isEscaped && first === from;
    const isEscaped = (stop - first + (isCarried ? 1 : 0)) % 2 === 1;
    this.#isEscaped = end < 0 && isEscaped;
    if (end >= 0 && !isEscaped) this.#inString = false;
    return end < 0 ? chunk.length : end + 1;
  }

  /** Whether a list that opens after these bytes, in the outermost object, is the list of items. */
  #isItems(before: Buffer): boolean {
    const text = Buffer.concat([...this.#rest, before])
      .subarray(-64)
      .toString("latin1");
    return /[{,]\s*"items"\s*:\s*$/.test(text);
  }

  #keep(part: Buffer): void {
    if (part.length === 0) return;
    const place = this.#inItems ? "item" : "rest";
    const limit = this.#inItems ? this.#limit : longestRest;
    this.#length[place] += part.length;
    if (this.#length[place] > limit) throw new ProtocolError(`the ${place} of a list has more than ${limit} bytes`);
    (this.#inItems ? this.#item : this.#rest).push(part);
  }

  #take(end: Buffer): Buffer {
    this.#keep(end);
    const [only] = this.#item;
    const item = this.#item.length === 1 && only ? only : Buffer.concat(this.#item, this.#length.item);
    this.#item = [];
    this.#length.item = 0;
    return item;
  }
}
