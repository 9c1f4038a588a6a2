import { inflateSync } from "node:zlib";

/** A picture's size, and the number of different bytes in its pixels. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly shades: number;
}

const signature = Buffer.from("\u0089PNG\r\n\u001a\n", "latin1");

/** Reads a PNG (https://www.w3.org/TR/png-3/). Throws for other data. */
export function readPng(bytes: Buffer): Picture {
  if (!bytes.subarray(0, signature.length).equals(signature)) throw new Error("it has not the signature of a PNG");
  const data: Buffer[] = [];
  for (let at = signature.length; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString("latin1", at + 4, at + 8);
    if (type === "IDAT") data.push(bytes.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  const header = signature.length + 8;
  return {
    width: bytes.readUInt32BE(header),
    height: bytes.readUInt32BE(header + 4),
    shades: new Set(inflateSync(Buffer.concat(data))).size,
  };
}
