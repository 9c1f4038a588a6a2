import { once } from "node:events";
import { createServer as createHttpServer, type IncomingMessage, request } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { KeyPair } from "../../../../cluster/pki.ts";

/** The options of a proxy. */
export interface ProxyOptions {
  /** Local ports by names that only this proxy can resolve. */
  names: Readonly<Record<string, number>>;
  /** The required `NAME:PASSWORD`. */
  user?: string;
  /** Makes it an HTTPS proxy. */
  pair?: KeyPair;
}

/** A proxy on this computer. */
export interface Proxy extends AsyncDisposable {
  readonly port: number;
  /** The requests, as `CONNECT name:port` or `GET http://name:port/path`. */
  readonly asked: string[];
  /** Ends all connections through it. */
  cut(): void;
}

/** Starts a SOCKS 5 server (RFC 1928, 1929) like `ssh -D`. */
export async function aSocksProxy({ names, user }: ProxyOptions): Promise<Proxy> {
  const asked: string[] = [];
  const server = createServer((socket) => {
    serveSocks(socket, names, user, asked).catch(() => socket.destroySoon());
  });
  return running(server, asked);
}

async function serveSocks(
  socket: Socket,
  names: ProxyOptions["names"],
  user: string | undefined,
  asked: string[],
): Promise<void> {
  socket.on("error", () => {});
  const read = async (length: number): Promise<Buffer> => {
    for (;;) {
      const bytes: Buffer | null = socket.read(length);
      if (bytes?.length === length) return bytes;
      if (bytes || socket.destroyed) throw new Error("the client went away");
      await Promise.race([once(socket, "readable"), once(socket, "close")]);
    }
  };
  const [, count = 0] = await read(2);
  const methods = [...(await read(count))];
  const wanted = user === undefined ? 0 : 2;
  if (!methods.includes(wanted)) {
    socket.end(Uint8Array.from([5, 0xff]));
    return;
  }
  socket.write(Uint8Array.from([5, wanted]));
  if (user !== undefined) {
    const text = async (): Promise<string> => (await read((await read(1))[0]!)).toString();
    await read(1);
    const isRight = `${await text()}:${await text()}` === user;
    socket.write(Uint8Array.from([1, isRight ? 0 : 1]));
    if (!isRight) throw new Error("a wrong password");
  }
  const [, , , type] = await read(4);
  const host =
    type === 3
      ? (await read((await read(1))[0]!)).toString()
      : [...(await read(type === 1 ? 4 : 16))].join(type === 1 ? "." : ":");
  const port = (await read(2)).readUInt16BE();
  asked.push(`CONNECT ${host}:${port}`);
  const known = names[host];
  if (known === undefined) {
    // 4: host unreachable.
    socket.end(Uint8Array.from([5, 4, 0, 1, 0, 0, 0, 0, 0, 0]));
    return;
  }
  const far = connect(known, "127.0.0.1");
  await once(far, "connect");
  // Like ssh: in one piece, with a name as its own address.
  socket.write(Uint8Array.from([5, 0, 0, 3, 1, 120, 0, 0]));
  join(socket, far);
}

/** Starts an HTTP or HTTPS proxy: CONNECT for encrypted connections, URLs for plain ones. */
export async function anHttpProxy({ names, user, pair }: ProxyOptions): Promise<Proxy> {
  const asked: string[] = [];
  const isStranger = ({ headers }: IncomingMessage): boolean =>
    user !== undefined && headers["proxy-authorization"] !== `Basic ${Buffer.from(user).toString("base64")}`;
  const server = pair ? createHttpsServer({ cert: pair.certificate, key: pair.key }) : createHttpServer();
  server.on("connect", (question: IncomingMessage, socket: Socket, head: Buffer) => {
    asked.push(`CONNECT ${question.url}`);
    socket.on("error", () => {});
    const known = names[question.url?.replace(/:\d+$/, "") ?? ""];
    if (isStranger(question) || known === undefined) {
      socket.end(`HTTP/1.1 ${known ? "407 Proxy Authentication Required" : "503 Service Unavailable"}\r\n\r\n`);
      return;
    }
    const far = connect(known, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      far.write(head);
      join(socket, far);
    });
  });
  server.on("request", (question, answer) => {
    asked.push(`${question.method} ${question.url}`);
    const url = new URL(question.url ?? "");
    const known = names[url.hostname];
    if (isStranger(question) || known === undefined) {
      answer.writeHead(known ? 407 : 503).end();
      return;
    }
    const { method, headers } = question;
    const path = `${url.pathname}${url.search}`;
    const forwarded = request({ host: "127.0.0.1", port: known, method, path, headers }, (got) => {
      answer.writeHead(got.statusCode ?? 500, got.headers);
      got.pipe(answer);
    });
    forwarded.on("error", () => answer.destroy());
    answer.on("close", () => forwarded.destroy());
    question.pipe(forwarded);
  });
  return running(server, asked);
}

/** Ends TLS connections, and passes their bytes on to a local port. */
export async function aTlsFront(port: number, { certificate, key }: KeyPair): Promise<Proxy> {
  const server = createTlsServer({ cert: certificate, key }, (socket) => join(socket, connect(port, "127.0.0.1")));
  return running(server, []);
}

function join(one: Socket, other: Socket): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.on("error", () => {});
    from.on("close", () => to.destroy());
    from.pipe(to);
  }
}

async function running(server: Server, asked: string[]): Promise<Proxy> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    cut,
    async [Symbol.asyncDispose]() {
      server.close();
      cut();
      await once(server, "close");
    },
  };
}
