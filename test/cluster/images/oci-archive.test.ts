import { createHash } from "node:crypto";
import { link, mkdir, mkdtempDisposable, readdir, readFile, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ParsedTarEntryWithData, unpackTar } from "modern-tar";
import { describe, expect, it } from "vitest";
import { type Image, writeOciArchive } from "../../../cluster/images/oci-archive.ts";

const anImage = (image: Partial<Image> = {}): Image => ({
  name: "localhost/example:latest",
  layers: [[{ path: "/hello", bytes: "hello\n" }]],
  ...image,
});

async function inScratch<T>(work: (folder: string) => Promise<T>): Promise<T> {
  await using scratch = await mkdtempDisposable(join(tmpdir(), "oci-archive-"));
  return await work(scratch.path);
}

type Files = Map<string, ParsedTarEntryWithData>;

async function read(tar: Uint8Array): Promise<Files> {
  const entries = await unpackTar(tar, { strict: true });
  return new Map(entries.map((entry) => [entry.header.name, entry]));
}

const json = (files: Files, name: string) => JSON.parse(Buffer.from(files.get(name)!.data!).toString());
const blobName = (digest: string): string => digest.replace("sha256:", "blobs/sha256/");

async function archiveOf(image: Image, folder: string) {
  const path = join(folder, "image.tar");
  await writeOciArchive(image, path);
  const bytes = await readFile(path);
  const files = await read(bytes);
  const entry = json(files, "index.json").manifests[0];
  const manifest = json(files, blobName(entry.digest));
  const config = json(files, blobName(manifest.config.digest));
  const layers: Files[] = [];
  for (const { digest } of manifest.layers) layers.push(await read(files.get(blobName(digest))!.data!));
  return { bytes, files, entry, manifest, config, layers };
}

describe("an OCI archive", () => {
  it("names the image as containerd and as other readers look for it", async () => {
    const { files, entry } = await inScratch((folder) => archiveOf(anImage({ name: "localhost:5000/a/b:v1" }), folder));
    expect(json(files, "oci-layout")).toEqual({ imageLayoutVersion: "1.0.0" });
    expect(entry.annotations).toEqual({
      "io.containerd.image.name": "localhost:5000/a/b:v1",
      "org.opencontainers.image.ref.name": "v1",
    });
  });

  it("holds every blob under its own digest, with its true size", async () => {
    const { files, entry, manifest, config } = await inScratch((folder) => archiveOf(anImage(), folder));
    for (const { digest, size } of [entry, manifest.config, ...manifest.layers]) {
      const { data } = files.get(blobName(digest))!;
      expect(`sha256:${createHash("sha256").update(data!).digest("hex")}`).toBe(digest);
      expect(data).toHaveLength(size);
    }
    expect(config.rootfs.diff_ids).toEqual(manifest.layers.map(({ digest }: { digest: string }) => digest));
  });

  it("says how the image is run", async () => {
    const image = anImage({ entrypoint: ["/hold"], cmd: ["a"], user: "107:107", env: { A: "1" }, workdir: "/w" });
    const { config } = await inScratch((folder) => archiveOf(image, folder));
    expect(config).toMatchObject({
      os: "linux",
      architecture: "amd64",
      config: { Entrypoint: ["/hold"], Cmd: ["a"], User: "107:107", Env: ["A=1"], WorkingDir: "/w" },
    });
  });

  it("gives each entry its mode and owner, after the folders that lead to it", async () => {
    const layer = await inScratch(async (folder) => {
      const source = join(folder, "source");
      await writeFile(source, "a disk");
      const image = anImage({
        layers: [
          [
            { path: "/disk/disk.qcow2", file: source, mode: 0o440, uid: 107, gid: 107 },
            { path: "/bin/ls", link: "sh" },
            { path: "/tmp", folder: true, mode: 0o1777 },
          ],
        ],
      });
      return (await archiveOf(image, folder)).layers[0]!;
    });
    const headers = [...layer.values()].map(({ header }) => header);
    expect(headers.map(({ name }) => name)).toEqual(["bin/", "bin/ls", "disk/", "disk/disk.qcow2", "tmp/"]);
    expect(layer.get("bin/ls")!.header).toMatchObject({ type: "symlink", linkname: "sh" });
    expect(layer.get("disk/")!.header).toMatchObject({ type: "directory", mode: 0o755, uid: 0, gid: 0 });
    expect(layer.get("disk/disk.qcow2")!.header).toMatchObject({ type: "file", mode: 0o440, uid: 107, gid: 107 });
    expect(layer.get("tmp/")!.header).toMatchObject({ mode: 0o1777 });
    expect(Buffer.from(layer.get("disk/disk.qcow2")!.data!).toString()).toBe("a disk");
  });

  it("takes a layer from a folder, with its symbolic and hard links", async () => {
    const layer = await inScratch(async (folder) => {
      const root = join(folder, "root");
      await mkdir(join(root, "usr/bin"), { recursive: true, mode: 0o755 });
      await writeFile(join(root, "usr/bin/a"), "program", { mode: 0o755 });
      await link(join(root, "usr/bin/a"), join(root, "usr/bin/b"));
      await symlink("usr/bin", join(root, "bin"));
      return (await archiveOf(anImage({ layers: [root] }), folder)).layers[0]!;
    });
    expect([...layer.keys()]).toEqual(["bin", "usr/", "usr/bin/", "usr/bin/a", "usr/bin/b"]);
    expect(layer.get("bin")!.header).toMatchObject({ type: "symlink", linkname: "usr/bin" });
    expect(layer.get("usr/bin/a")!.header).toMatchObject({ type: "file", mode: 0o755, size: 7 });
    expect(layer.get("usr/bin/b")!.header).toMatchObject({ type: "link", linkname: "usr/bin/a" });
  });

  it("is the same to the byte for the same content, whatever the times and the order", async () => {
    const [one, other] = await inScratch(async (folder) => {
      const source = join(folder, "source");
      await writeFile(source, "x");
      const entries = [
        { path: "/b", file: source },
        { path: "/a", bytes: "a" },
      ];
      const before = await archiveOf(anImage({ layers: [entries] }), folder);
      await utimes(source, 1, 1);
      const after = await archiveOf(anImage({ layers: [entries.toReversed()] }), folder);
      return [before.bytes, after.bytes];
    });
    expect(one.equals(other)).toBe(true);
  });

  it("fails when a file of a layer is missing, and leaves nothing behind", async () => {
    await inScratch(async (folder) => {
      const image = anImage({ layers: [[{ path: "/a", file: join(folder, "missing") }]] });
      await expect(writeOciArchive(image, join(folder, "image.tar"))).rejects.toThrow(/ENOENT.*missing/);
      expect(await readdir(folder)).toEqual([]);
    });
  });
});
