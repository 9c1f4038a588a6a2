import { isIP, isIPv4, type Socket } from "node:net";

/** A SOCKS server's replies when it does not connect (RFC 1928, 6). */
const refusals: readonly string[] = [
  "",
  "general SOCKS server failure",
  "connection not allowed by its rules",
  "network unreachable",
  "host unreachable",
  "connection refused",
  "TTL expired",
  "command not supported",
  "address type not supported",
];

/**
 * Makes a SOCKS 5 server (RFC 1928, 1929) connect to a host; the server looks up the name. Then the socket is that
 * connection. Throws if the server refuses, or the socket has ended.
 */
export async function socksConnect(
  socket: Socket,
  { host, port }: { host: string; port: number },
  user: { name: string; password: string } | undefined,
): Promise<void> {
  // The methods: without a password (0), with one (2).
  socket.write(Uint8Array.from(user ? [5, 2, 0, 2] : [5, 1, 0]));
  const [version, method] = await read(socket, 2);
  if (version !== 5) throw new Error("it does not speak SOCKS 5");
  if (method === 2 && user) await logIn(socket, user);
  else if (method !== 0) throw new Error(user ? "it takes no password" : "it wants a name and a password");
  socket.write(Buffer.concat([Uint8Array.from([5, 1, 0]), address(host), Uint8Array.from([port >> 8, port & 255])]));
  const [, reply = 0, , type] = await read(socket, 4);
  if (reply !== 0) throw new Error(`${refusals[reply] ?? `error ${reply}`} (${host}:${port})`);
  // The server's own address, which is not needed here.
  const length = type === 1 ? 4 : type === 4 ? 16 : ((await read(socket, 1))[0] ?? 0);
  await read(socket, length + 2);
}

async function logIn(socket: Socket, { name, password }: { name: string; password: string }): Promise<void> {
  socket.write(Buffer.concat([Uint8Array.from([1]), counted(name), counted(password)]));
  const [, status] = await read(socket, 2);
  if (status !== 0) throw new Error("it did not accept the name and password");
}

/** An address in SOCKS' form: its type, then its bytes. */
function address(host: string): Buffer {
  if (isIPv4(host)) return Buffer.from([1, ...host.split(".").map(Number)]);
  if (isIP(host) === 6) return Buffer.from([4, ...sixteenBytes(host)]);
  return Buffer.concat([Uint8Array.from([3]), counted(host)]);
}

function counted(text: string): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length > 255) throw new Error(`"${text.slice(0, 20)}…" is longer than SOCKS allows`);
  return Buffer.concat([Uint8Array.from([bytes.length]), bytes]);
}

/** An IPv6 address as bytes; a URL normalizes it, without an IPv4 address at its end. */
function sixteenBytes(text: string): number[] {
  const groups = (part: string): number[] => (part === "" ? [] : part.split(":").map((group) => Number(`0x${group}`)));
  const [head = "", tail = ""] = new URL(`http://[${text}]`).hostname.slice(1, -1).split("::");
  const [before, after] = [groups(head), groups(tail)];
  const all = [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after];
  return all.flatMap((group) => [group >> 8, group & 255]);
}

/** Reads exactly that number of bytes and leaves the rest. */
async function read(socket: Socket, length: number): Promise<Buffer> {
  for (;;) {
    const bytes: Buffer | null = length === 0 ? Buffer.alloc(0) : socket.read(length);
    if (bytes?.length === length) return bytes;
    if (bytes !== null || socket.readableEnded || socket.destroyed) throw new Error("it closed the connection");
    await more(socket);
  }
}

/** Waits until there is more to read, or the end. */
function more(socket: Socket): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const done = (): void => resolve();
  for (const event of ["readable", "end", "close"]) socket.once(event, done);
  socket.once("error", reject);
  return promise.finally(() => {
    for (const event of ["readable", "end", "close"]) socket.off(event, done);
    socket.off("error", reject);
  });
}
