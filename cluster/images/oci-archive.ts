import { createHash } from "node:crypto";
import { mkdtempDisposable } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Layer, layerToTar } from "./layer.ts";
import { type TarEntry, type Written, writeTar } from "./tar.ts";

/** An image to be written, for linux/amd64. */
export interface Image {
  /** In full, with registry and tag: `localhost/tiny:latest`. */
  name: string;
  layers: readonly Layer[];
  entrypoint?: readonly string[];
  cmd?: readonly string[];
  /** `uid`, `uid:gid` or a name of the image's own /etc/passwd. */
  user?: string;
  env?: Readonly<Record<string, string>>;
  workdir?: string;
}

const mediaType = (kind: string): string => `application/vnd.oci.image.${kind}`;

interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
}

const describe = (kind: string, { sha256, size }: Written): Descriptor => ({
  mediaType: mediaType(kind),
  digest: `sha256:${sha256}`,
  size,
});

interface Blob extends Descriptor {
  /** Its bytes, or the file that holds them. */
  content: Uint8Array | string;
}

function jsonBlob(kind: string, value: unknown): Blob {
  const content = Buffer.from(JSON.stringify(value));
  const sha256 = createHash("sha256").update(content).digest("hex");
  return { ...describe(kind, { sha256, size: content.length }), content };
}

async function layerBlob(layer: Layer, file: string): Promise<Blob> {
  return { ...describe("layer.v1.tar", await writeTar(await layerToTar(layer), file)), content: file };
}

const file = (name: string, content: Uint8Array | string, size: number): TarEntry => ({
  header: { name, type: "file", mode: 0o644, uid: 0, gid: 0, size },
  content,
});

const folder = (name: string): TarEntry => ({
  header: { name, type: "directory", mode: 0o755, uid: 0, gid: 0, size: 0 },
});

const plain = ({ mediaType: type, digest, size }: Blob): Descriptor => ({ mediaType: type, digest, size });

/**
 * Writes an image as a tar file of an OCI image layout, which `ctr images import` and skopeo read. The same input
 * gives the same bytes.
 *
 * Layers are not compressed: the archive goes from disk to disk of one machine, the large ones hold a disk image that
 * is compressed already, and gzip's output changes with the version of zlib.
 */
export async function writeOciArchive(image: Image, archive: string): Promise<void> {
  const { name, layers, entrypoint, cmd, user, env, workdir } = image;
  // Next to the archive, for layers are as large as it is and /tmp may be small.
  await using scratch = await mkdtempDisposable(join(dirname(archive), ".layers-"));
  const layerBlobs: Blob[] = [];
  for (const layer of layers) layerBlobs.push(await layerBlob(layer, join(scratch.path, `${layerBlobs.length}`)));

  const config = jsonBlob("config.v1+json", {
    architecture: "amd64",
    os: "linux",
    config: {
      User: user,
      Env: env && Object.entries(env).map(([variable, value]) => `${variable}=${value}`),
      Entrypoint: entrypoint,
      Cmd: cmd,
      WorkingDir: workdir,
    },
    rootfs: { type: "layers", diff_ids: layerBlobs.map(({ digest }) => digest) },
  });
  const manifest = jsonBlob("manifest.v1+json", {
    schemaVersion: 2,
    mediaType: mediaType("manifest.v1+json"),
    config: plain(config),
    layers: layerBlobs.map(plain),
  });
  const index = jsonBlob("index.v1+json", {
    schemaVersion: 2,
    mediaType: mediaType("index.v1+json"),
    manifests: [
      {
        ...plain(manifest),
        platform: { architecture: "amd64", os: "linux" },
        annotations: {
          // containerd takes the whole name from the first, other readers the tag from the second.
          "io.containerd.image.name": name,
          "org.opencontainers.image.ref.name": name.slice(name.lastIndexOf(":") + 1),
        },
      },
    ],
  });
  const layout = Buffer.from(JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  const blobs = new Map([...layerBlobs, config, manifest].map((blob) => [blob.digest.slice("sha256:".length), blob]));
  await writeTar(
    [
      file("oci-layout", layout, layout.length),
      file("index.json", index.content, index.size),
      folder("blobs/"),
      folder("blobs/sha256/"),
      ...[...blobs].map(([sha256, { content, size }]) => file(`blobs/sha256/${sha256}`, content, size)),
    ],
    archive,
  );
}
