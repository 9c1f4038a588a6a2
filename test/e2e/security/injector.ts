import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";

/*
 * A webhook that adds a container to each new Pod, like a service mesh. The add-on never makes such a container, which
 * has more rights than any of its own.
 */

const sidecar = {
  name: "sidecar",
  image: "localhost/toolbox:latest",
  imagePullPolicy: "Never",
  command: ["sleep", "1000"],
  securityContext: { runAsUser: 0, runAsNonRoot: false, capabilities: { add: ["NET_ADMIN"] } },
};

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { apiVersion, kind, request: review } = JSON.parse(await text(request));
  const patch = [{ op: "add", path: "/spec/containers/-", value: sidecar }];
  const reviewed = {
    uid: review.uid,
    allowed: true,
    patchType: "JSONPatch",
    patch: Buffer.from(JSON.stringify(patch)).toString("base64"),
  };
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ apiVersion, kind, response: reviewed }));
}

/** Serves on the loopback address, with certificate and key from two files. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { cert: { type: "string" }, key: { type: "string" } } });
  const [cert, key] = await Promise.all([values.cert, values.key].map((file = "") => readFile(file, "utf8")));
  const server = createServer({ cert, key }, (request, response) => void answer(request, response));
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    process.stdout.write(`${typeof address === "object" ? address?.port : ""}\n`);
  });
}

await main();
