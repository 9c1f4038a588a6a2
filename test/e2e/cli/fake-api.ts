import { writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type WebSocket, WebSocketServer } from "ws";

interface Answer {
  status: number;
  body: string | Buffer;
  type?: string;
}

/** Makes a refusal as `metav1.Status`. */
export function status(code: number, reason: string, message: string, name?: string): Answer {
  const details = name === undefined ? {} : { details: { name, kind: "virtualmachines" } };
  const body = { kind: "Status", apiVersion: "v1", status: "Failure", code, reason, message, ...details };
  return { status: code, body: JSON.stringify(body) };
}

const subresources = "/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachineinstances";

/**
 * Plays the aggregated API of one machine, `web`. The test sets the machine's state, and acts as the other side of its
 * websockets. It uses plain HTTP, without authentication. kubeconfig() makes clients use it.
 */
export class FakeApi implements AsyncDisposable {
  /** Requests, as `GET /path?query`. */
  readonly requests: string[] = [];
  /** The open websockets, the newest last. */
  readonly sockets: WebSocket[] = [];
  /** The bytes that clients have sent over websockets. */
  input = "";
  /** The machine's namespace. */
  namespace = "default";
  machine: object | undefined = aMachine("Always", "Running");
  instance: object | undefined = anInstance("Running");
  /** A refusal of websockets. */
  refusal: Answer | undefined;
  /** The first bytes for a new websocket. */
  replay = "";
  /** Answers by path. */
  readonly answers = new Map<string, Answer | ((answer: ServerResponse) => void)>();
  /** Answers paths that no test lists; returns whether it answered. */
  others: (path: string, answer: ServerResponse) => boolean = () => false;
  readonly #server = createServer((request, answer) => this.#answer(request, answer));
  readonly #websockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => offered.has("plain.kubevirt.io") && "plain.kubevirt.io",
  });

  static async start(): Promise<FakeApi> {
    const api = new FakeApi();
    api.#server.on("upgrade", (request, socket, head) => {
      const path = `${request.method} ${request.url}`;
      api.requests.push(path);
      // The test may have killed the client.
      socket.on("error", () => {});
      if (api.refusal) {
        const { status: code, body } = api.refusal;
        socket.end(`HTTP/1.1 ${code} No\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${String(body)}`);
        return;
      }
      api.#websockets.handleUpgrade(request, socket, head, (websocket) => api.#serve(websocket));
    });
    await new Promise<void>((resolve) => api.#server.listen(0, "127.0.0.1", resolve));
    return api;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("it does not listen");
    return address.port;
  }

  /** Writes a kubeconfig for this server, or for another way to it. */
  async kubeconfig(file: string, cluster: object = { server: `http://127.0.0.1:${this.port}` }): Promise<string> {
    const config = {
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "fake", cluster }],
      users: [{ name: "fake", user: {} }],
      contexts: [{ name: "fake", context: { cluster: "fake", user: "fake" } }],
      "current-context": "fake",
    };
    await writeFile(file, JSON.stringify(config));
    return file;
  }

  /** Sends output of the guest. */
  print(text: string): void {
    this.sockets.at(-1)!.send(Buffer.from(text), { binary: true });
  }

  /** Closes the newest websocket as the node daemon would. */
  close(code: number, reason: string): void {
    this.sockets.pop()!.close(code, reason);
  }

  /** Cuts the newest websocket's connection. */
  cut(): void {
    this.sockets.pop()!.terminate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.terminate();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(websocket: WebSocket): void {
    this.sockets.push(websocket);
    websocket.on("error", () => {});
    websocket.on("close", () => {
      const index = this.sockets.indexOf(websocket);
      if (index >= 0) this.sockets.splice(index, 1);
    });
    websocket.on("message", (data, binary) => {
      this.input += binary && Buffer.isBuffer(data) ? data.toString() : "<text frame>";
    });
    if (this.replay !== "") websocket.send(Buffer.from(this.replay), { binary: true });
  }

  #answer(request: IncomingMessage, answer: ServerResponse): void {
    const path = `${request.method} ${request.url}`;
    this.requests.push(path);
    const known = this.answers.get(path);
    if (typeof known === "function") return known(answer);
    if (known === undefined && this.others(path, answer)) return;
    const { status: code, body, type = "application/json" } = known ?? this.#object(path);
    answer.writeHead(code, { "content-type": type }).end(body);
  }

  #object(path: string): Answer {
    const prefix = `/apis/kubevirt.io/v1/namespaces/${this.namespace}`;
    const objects: Record<string, object | undefined> = {
      [`GET ${prefix}/virtualmachines/web`]: this.machine,
      [`GET ${prefix}/virtualmachineinstances/web`]: this.instance,
    };
    const object = objects[path];
    if (object) return { status: 200, body: JSON.stringify(object) };
    const plural = path.includes("virtualmachineinstances") ? "virtualmachineinstances" : "virtualmachines";
    return status(404, "NotFound", `${plural}.kubevirt.io "${path.split("/").at(-1)}" not found`, "web");
  }
}

/** Makes the path of a sub-resource of the machine. */
export function pathOf(subresource: string): string {
  return `${subresources}/web/${subresource}`;
}

/** Makes the machine with a run strategy and a status. */
export function aMachine(runStrategy: string, printableStatus: string): object {
  return {
    apiVersion: "kubevirt.io/v1",
    kind: "VirtualMachine",
    metadata: { name: "web", namespace: "default", uid: "1" },
    spec: { runStrategy, template: { spec: { domain: { devices: {} } } } },
    status: { printableStatus },
  };
}

/** Makes the machine's instance in a phase. */
export function anInstance(phase: string, message = ""): object {
  const ready = { type: "Ready", status: phase === "Running" ? "True" : "False", ...(message ? { message } : {}) };
  return {
    apiVersion: "kubevirt.io/v1",
    kind: "VirtualMachineInstance",
    metadata: { name: "web", namespace: "default", uid: "2" },
    spec: { domain: { devices: {} } },
    status: { phase, nodeName: "node-1", conditions: [ready] },
  };
}
