import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createTarPacker, type TarHeader } from "modern-tar";

/** One member of a tar file. */
export interface TarEntry {
  header: Omit<TarHeader, "mtime">;
  /** A file's content: bytes, or the path of the file to take it from. */
  content?: Uint8Array | string;
}

/** The SHA-256 and the size of something written. */
export interface Written {
  sha256: string;
  size: number;
}

const epoch = new Date(0);

type Controller = ReturnType<typeof createTarPacker>["controller"];

async function pack(entries: readonly TarEntry[], controller: Controller): Promise<void> {
  try {
    for (const { header, content = new Uint8Array() } of entries) {
      const body = controller.add({ ...header, mtime: epoch }).getWriter();
      const chunks = typeof content === "string" ? createReadStream(content, { highWaterMark: 1 << 20 }) : [content];
      for await (const chunk of chunks) await body.write(chunk);
      await body.close();
    }
    controller.finalize();
  } catch (error) {
    controller.error(error);
    throw error;
  }
}

/** Writes a tar file, in the given order and with all times at the epoch, never holding a member in memory. */
export async function writeTar(entries: readonly TarEntry[], file: string): Promise<Written> {
  const { readable, controller } = createTarPacker();
  const hash = createHash("sha256");
  let size = 0;
  const written = pipeline(
    Readable.fromWeb(readable),
    async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        size += chunk.length;
        yield chunk;
      }
    },
    createWriteStream(file),
  );
  await Promise.all([pack(entries, controller), written]);
  return { sha256: hash.digest("hex"), size };
}
