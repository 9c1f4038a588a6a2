import { createReadStream, createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { type LayerEntry, layerToTar } from "../layer.ts";
import type { TarEntry } from "../tar.ts";

const typeBits = { file: 0o100000, symlink: 0o120000, directory: 0o040000 } as const;

/** The header of one member in cpio's "newc" format, the only one that the kernel unpacks: all numbers in hex. */
function header(name: string, inode: number, mode: number, size: number): Buffer {
  const nameSize = Buffer.byteLength(name) + 1;
  const links = 1;
  const fields = [inode, mode, 0, 0, links, 0, size, 0, 0, 0, 0, nameSize, 0];
  const text = `070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}${name}\0`;
  return Buffer.concat([Buffer.from(text), padding(Buffer.byteLength(text))]);
}

const padding = (size: number): Buffer => Buffer.alloc((4 - (size % 4)) % 4);

async function* members(entries: readonly TarEntry[]): AsyncGenerator<Uint8Array> {
  let inode = 1;
  for (const { header: tar, content = "" } of entries) {
    const { type = "file", mode = 0, linkname = "", size: fileSize } = tar;
    if (type !== "file" && type !== "symlink" && type !== "directory") throw new Error(`${tar.name}: no ${type} here`);
    const size = type === "symlink" ? Buffer.byteLength(linkname) : fileSize;
    yield header(tar.name.replace(/\/$/, ""), inode, typeBits[type] | mode, size);
    inode += 1;
    if (type === "symlink") yield Buffer.from(linkname);
    else if (typeof content === "string") {
      if (content) yield* createReadStream(content);
    } else yield content;
    yield padding(size);
  }
  yield header("TRAILER!!!", 0, 0, 0);
}

/** Writes an initial RAM file system; everything in it is root's. */
export async function writeInitramfs(entries: readonly LayerEntry[], file: string): Promise<void> {
  await pipeline(members(await layerToTar(entries)), createGzip({ level: 9 }), createWriteStream(file));
}
