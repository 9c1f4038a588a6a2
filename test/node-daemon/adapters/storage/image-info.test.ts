import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { inspectImage, UnfitImageError } from "../../../../node-daemon/adapters/storage/image-info.ts";

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "image-"));
  file = join(folder, "image");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** The header of a qcow2 image of a mebibyte. */
function qcow2({ version = 3, backing = 0n, encryption = 0, incompatible = 0n } = {}): Buffer {
  const header = Buffer.alloc(512);
  header.write("QFI\u00fb", "latin1");
  header.writeUInt32BE(version, 4);
  header.writeBigUInt64BE(backing, 8);
  header.writeBigUInt64BE(1n << 20n, 24);
  header.writeUInt32BE(encryption, 32);
  header.writeBigUInt64BE(incompatible, 72);
  return header;
}

async function inspect(content: Buffer | string): ReturnType<typeof inspectImage> {
  await writeFile(file, content, "latin1");
  return inspectImage(file, "it");
}

test("an image tells its format and the size of its disk", async () => {
  expect(await inspect(qcow2())).toEqual({ format: "qcow2", bytes: 1n << 20n });
  // Beyond the header of version 2 are other things.
  expect(await inspect(qcow2({ version: 2, incompatible: 4n }))).toEqual({ format: "qcow2", bytes: 1n << 20n });
  expect(await inspect("a disk")).toEqual({ format: "raw", bytes: 512n });
  expect(await inspect("")).toEqual({ format: "raw", bytes: 0n });
});

test("an image that names another file, or that is encrypted, is refused", async () => {
  for (const [header, words] of [
    [{ backing: 512n }, "a backing file, which is refused"],
    [{ version: 2, backing: 512n }, "a backing file, which is refused"],
    [{ incompatible: 5n }, "an external data file, which is refused"],
    [{ encryption: 2 }, "encrypted, which is not supported"],
  ] as const) {
    const refused = inspect(qcow2(header));
    await expect(refused).rejects.toBeInstanceOf(UnfitImageError);
    await expect(refused).rejects.toThrow(words);
  }
});

test("an image of another format is refused by its name, unless it is known to be raw", async () => {
  for (const [name, content] of [
    ["vmdk", "KDMV"],
    ["vmdk", "# Disk DescriptorFile\nversion=1\n"],
    ["vdi", `${"<<< Oracle VM VirtualBox Disk Image >>>".padEnd(64)}\u007f\u0010\u00da\u00be`],
    ["vhdx", "vhdxfile"],
    ["vpc", "conectix"],
    ["luks", "LUKS\u00ba\u00be"],
  ] as const) {
    await expect(inspect(content)).rejects.toThrow(`it: its image is of format "${name}"; qcow2 and raw`);
    expect(await inspectImage(file, "it", "raw")).toMatchObject({ format: "raw" });
  }
});

test("what begins as qcow2 does and goes on otherwise cannot be read", async () => {
  await expect(inspect("QFI\u00fb")).rejects.toThrow("it: its image cannot be read");
  await expect(inspect("QFI\u00fb\0\0\0\u0003broken")).rejects.toThrow("it ends in its header");
  await expect(inspect(qcow2({ version: 1 }))).rejects.toThrow("not of version 2 or 3 of qcow2");
});
