import https from "node:https";
import { parseArgs } from "node:util";
import { WebSocketServer } from "ws";
import { KubeClient } from "../../../api/kube/client/client.ts";
import { fromKubeconfig } from "../../../api/kube/credentials/kubeconfig.ts";
import { secrets } from "../../../api/kube/resources/core-resources.ts";
import { materialOf } from "../../../controller/certificates/secret.ts";
import { secretNames } from "../../../controller/certificates/subjects.ts";

/** Plays the node daemon over mTLS: it prints its requests, and obeys the bytes of its websockets. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { kubeconfig: { type: "string" }, port: { type: "string" } } });
  const client = new KubeClient(await fromKubeconfig({ file: values.kubeconfig }));
  const secret = await client.get(secrets, { namespace: "kubevirt", name: secretNames.daemon });
  client.close();
  const material = materialOf(secret);
  if (!material) throw new Error("the daemon's Secret is not complete");
  const server = https.createServer({ ...material, requestCert: true, rejectUnauthorized: true });
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has("plain.kubevirt.io") ? "plain.kubevirt.io" : false),
  });
  server.on("request", (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "https://peer");
    process.stdout.write(`${request.method} ${pathname}\n`);
    if (pathname.endsWith("/softreboot")) {
      const status = { kind: "Status", apiVersion: "v1", status: "Failure", code: 409, message: "the guest is deaf" };
      response.writeHead(409, { "content-type": "application/json" }).end(JSON.stringify(status));
      return;
    }
    if (pathname.endsWith("/screenshot")) {
      response.writeHead(200, { "content-type": "image/png" }).end(Buffer.from("89504e470d0a1a0a", "hex"));
      return;
    }
    if (pathname.endsWith("/log")) {
      response.writeHead(200, { "content-type": "text/plain" });
      response.write("first\n");
      const timer = setInterval(() => response.write("more\n"), 1000);
      request.socket.once("close", () => clearInterval(timer));
      return;
    }
    response.writeHead(200).end();
  });
  server.on("upgrade", (request, socket, head) => {
    if (request.url?.includes("/portforward/9/")) {
      socket.end(
        `HTTP/1.1 502 Bad Gateway\r\ncontent-type: application/json\r\ncontent-length: 27\r\nconnection: close\r\n\r\n{"message":"port 9 closed"}`,
      );
      return;
    }
    if (request.url?.includes("/portforward/10/")) {
      // The daemon dies in the middle of a refusal.
      socket.write("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 1000\r\n\r\n{");
      setImmediate(() => socket.destroy());
      return;
    }
    sockets.handleUpgrade(request, socket, head, (opened) => {
      opened.send(Buffer.from(`${request.url ?? ""}\n`));
      opened.on("message", (data: Buffer, binary) => {
        const text = data.toString();
        if (text === "go away") opened.close(1001, "taken over by bob: EOF");
        else if (text === "die") opened.terminate();
        else if (text === "flood") for (let i = 0; i < 256; i += 1) opened.send(Buffer.alloc(65_536, i));
        else opened.send(data, { binary });
      });
      opened.on("close", (code, reason) => process.stdout.write(`closed ${code} ${reason.toString()}\n`));
    });
  });
  server.listen(Number(values.port ?? 8187), () => process.stdout.write("listening\n"));
}

await main();
