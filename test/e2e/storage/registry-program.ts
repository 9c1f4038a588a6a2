import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";

/*
 * A registry of one image, which only a user with a password may pull: node registry-program.ts FOLDER PORT USER:PASSWORD.
 * FOLDER is an OCI image layout. It prints each request that it answers.
 */

interface Manifest {
  mediaType: string;
  digest: string;
  config: { digest: string };
  layers: { digest: string }[];
}

const [folder = "", port = "", credentials = ""] = process.argv.slice(2);
const read = async (digest: string): Promise<Buffer> => readFile(join(folder, "blobs/sha256", digest.slice(7)));
const { manifests } = JSON.parse(await readFile(join(folder, "index.json"), "utf8")) as { manifests: Manifest[] };
const [manifest] = manifests;
if (!manifest) throw new Error(`${folder} has no image`);
const { config, layers } = JSON.parse(String(await read(manifest.digest))) as Manifest;
const digests = [manifest.digest, config.digest, ...layers.map(({ digest }) => digest)];

const server = createServer(async ({ method = "", url = "", headers }, response) => {
  const allowed = headers.authorization === `Basic ${Buffer.from(credentials).toString("base64")}`;
  const [, kind, reference = ""] = /\/(manifests|blobs)\/([^/]+)$/.exec(url) ?? [];
  const digest = kind === "manifests" && !reference.includes(":") ? manifest.digest : reference;
  if (!allowed) response.writeHead(401, { "www-authenticate": 'Basic realm="images"' }).end();
  else if (url === "/v2/") response.writeHead(200).end();
  else if (!digests.includes(digest)) response.writeHead(404).end();
  else {
    const content = await read(digest);
    const type = kind === "manifests" ? manifest.mediaType : "application/octet-stream";
    response.writeHead(200, {
      "content-type": type,
      "content-length": content.length,
      "docker-content-digest": digest,
    });
    response.end(method === "HEAD" ? undefined : content);
  }
  console.log(method, url, response.statusCode);
});
server.listen(Number(port), "127.0.0.1", () => console.log("serving"));
