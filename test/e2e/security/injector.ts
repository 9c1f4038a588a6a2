import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";

/*
 * A webhook that adds a container to each new pod, as those of service meshes do: one that the add-on does not make, with
 * more rights than it gives any.
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

/** Serves on the loopback address of where it runs, with the certificate in a file and the key in another. */
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
