import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { WebSocket } from "ws";
import type { KeyPair } from "../../../cluster/pki.ts";
import type { Certificates } from "./certificates.ts";

/** The answer to a plain request. */
export interface Answer {
  readonly code: number;
  readonly type: string;
  readonly body: Buffer;
}

/** Talks to a node daemon's server like the controller. */
export class DaemonClient {
  readonly #port: number;
  readonly #certificates: Certificates;
  readonly #headers: Readonly<Record<string, string>>;

  /** `headers` are added to each request. */
  constructor(port: number, certificates: Certificates, headers: Readonly<Record<string, string>> = {}) {
    this.#port = port;
    this.#certificates = certificates;
    this.#headers = headers;
  }

  /** Sends a request; `as` selects another client than the controller, or none. */
  async request(
    method: string,
    path: string,
    { as, body }: { as?: KeyPair | "nobody"; body?: string } = {},
  ): Promise<Answer> {
    const sent = request({ ...this.#tls(as), host: "127.0.0.1", port: this.#port, method, path, agent: false });
    sent.end(body);
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    return {
      code: response.statusCode ?? 0,
      type: response.headers["content-type"] ?? "",
      body: Buffer.concat(await response.toArray()),
    };
  }

  /** Opens a websocket on a path. Throws with code and body of the refusal. */
  async open(
    path: string,
    { as, protocols = ["plain.kubevirt.io"] }: { as?: KeyPair; protocols?: string[] } = {},
  ): Promise<Channel> {
    const websocket = new WebSocket(`wss://127.0.0.1:${this.#port}${path}`, protocols, {
      ...this.#tls(as),
      perMessageDeflate: false,
    });
    const channel = new Channel(websocket);
    await new Promise<void>((resolve, reject) => {
      websocket.on("open", () => resolve());
      websocket.on("unexpected-response", (_, response: IncomingMessage) => {
        response
          .toArray()
          .then((parts) => reject(new Error(`${response.statusCode} ${Buffer.concat(parts).toString()}`)), reject);
      });
      websocket.on("error", reject);
    });
    return channel;
  }

  /** Sends a GET request and reads the answer piece by piece. */
  follow(path: string): { until(text: string): Promise<string>; end(): void } {
    const sent = request({ ...this.#tls(), host: "127.0.0.1", port: this.#port, path, agent: false });
    const text = async (wanted: string): Promise<string> => {
      sent.end();
      const [response] = (await once(sent, "response")) as [IncomingMessage];
      let all = "";
      for await (const part of response.setEncoding("latin1")) {
        all += part;
        if (all.includes(wanted)) return all;
      }
      throw new Error(`no ${wanted} in ${all}`);
    };
    return { until: text, end: () => sent.destroy() };
  }

  #tls(as: KeyPair | "nobody" = this.#certificates.controller): object {
    const pair = as === "nobody" ? {} : { cert: as.certificate, key: as.key };
    return { ca: this.#certificates.ca, servername: "virt-node-daemon", headers: this.#headers, ...pair };
  }
}

/** A websocket that keeps its received bytes. */
export class Channel {
  readonly websocket: WebSocket;
  /** Resolves with code and reason when it is closed. */
  readonly closed: Promise<{ code: number; reason: string }>;
  #parts: Buffer[] = [];
  #size = 0;
  #arrived: () => void = () => {};

  constructor(websocket: WebSocket) {
    this.websocket = websocket;
    this.closed = new Promise((resolve) => {
      websocket.on("close", (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    websocket.on("message", (data: Buffer, isBinary) => {
      if (!isBinary) throw new Error("a text frame");
      this.#parts.push(data);
      this.#size += data.length;
      this.#arrived();
    });
    websocket.on("close", () => this.#arrived());
  }

  /** The number of received bytes. */
  get size(): number {
    return this.#size;
  }

  get bytes(): Buffer {
    const all = Buffer.concat(this.#parts);
    this.#parts = [all];
    return all;
  }

  get text(): string {
    return this.bytes.toString("latin1");
  }

  /** Returns the end of the received bytes, at least `length` of them if there are as many. */
  tail(length: number): string {
    let start = this.#parts.length;
    for (let size = 0; start > 0 && size < length; ) {
      start -= 1;
      size += this.#parts[start]?.length ?? 0;
    }
    return Buffer.concat(this.#parts.slice(start)).toString("latin1");
  }

  /** Forgets the received bytes. */
  clear(): void {
    this.#parts = [];
    this.#size = 0;
  }

  send(text: string | Uint8Array): void {
    this.websocket.send(Buffer.from(text), { binary: true });
  }

  /** Waits until the received bytes match. */
  async until(pattern: string | RegExp | (() => boolean), timeout = 60_000): Promise<void> {
    const there = (): boolean => {
      if (typeof pattern === "function") return pattern();
      return typeof pattern === "string" ? this.text.includes(pattern) : pattern.test(this.text);
    };
    const late = AbortSignal.timeout(timeout);
    while (!there()) {
      if (late.aborted)
        throw new Error(`no ${String(pattern)} within ${timeout} ms; there is: ${this.text.slice(-500)}`);
      if (this.websocket.readyState === WebSocket.CLOSED) throw new Error(`closed before ${String(pattern)}`);
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
        late.addEventListener("abort", () => resolve(), { once: true });
      });
    }
  }

  /** Closes the websocket, and waits for the end. */
  async close(): Promise<void> {
    this.websocket.close(1000);
    await this.closed;
  }
}
