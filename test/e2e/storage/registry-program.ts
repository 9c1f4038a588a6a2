import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";

/*
 * A registry of one image that needs a user and a password: node registry-program.ts FOLDER PORT USER:PASSWORD. FOLDER
 * is an OCI image layout. The registry prints each answered request.
 */

interface Blob {
  mediaType: string;
  digest: string;
}

const [folder = "", port = "", credentials = ""] = process.argv.slice(2);
const read = async (digest: string): Promise<Buffer> => readFile(join(folder, "blobs/sha256", digest.slice(7)));
const { manifests } = JSON.parse(await readFile(join(folder, "index.json"), "utf8")) as { manifests: Blob[] };
const [manifest] = manifests;
if (!manifest) throw new Error(`${folder} has no image`);
const parts = JSON.parse(String(await read(manifest.digest))) as { config: Blob; layers: Blob[] };
const blobs = [manifest, parts.config, ...parts.layers];

async function answer({ method = "", url = "", headers }: IncomingMessage, response: ServerResponse): Promise<void> {
  const allowed = headers.authorization === `Basic ${Buffer.from(credentials).toString("base64")}`;
  const [, kind, reference = ""] = /\/(manifests|blobs)\/([^/]+)$/.exec(url) ?? [];
  const isTag = kind === "manifests" && !reference.includes(":");
  const blob = blobs.find(({ digest }) => digest === (isTag ? blobs[0]?.digest : reference));
  if (!allowed) response.writeHead(401, { "www-authenticate": 'Basic realm="images"' }).end();
  else if (url === "/v2/") response.writeHead(200).end();
  else if (!blob) response.writeHead(404).end();
  else {
    const content = await read(blob.digest);
    const type = { "content-type": blob.mediaType, "docker-content-digest": blob.digest };
    response.writeHead(200, { ...type, "content-length": content.length });
    response.end(method === "HEAD" ? undefined : content);
  }
  console.log(method, url, response.statusCode);
}

const server = createServer((request, response) => void answer(request, response));
server.listen(Number(port), "127.0.0.1", () => console.log("serving"));
