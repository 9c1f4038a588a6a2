import { once } from "node:events";
import type { Socket } from "node:net";
import { StatusError } from "../../api/serving/status-error.ts";

/** Milliseconds that a connection may take. */
const limit = 10_000;

/** Waits until a socket is connected, or throws a `StatusError` of code 503 with the target and the reason. */
export async function dial(socket: Socket, name: string, signal: AbortSignal): Promise<Socket> {
  try {
    await once(socket, "connect", { signal: AbortSignal.any([signal, AbortSignal.timeout(limit)]) });
  } catch (error) {
    socket.on("error", () => {});
    socket.destroy();
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    const timedOut = code === "ABORT_ERR";
    throw new StatusError(503, `${name}: ${timedOut ? `no answer within ${limit / 1000} s` : (said[code] ?? code)}`, {
      cause: error,
    });
  }
  // The pipelines that get the socket handle all later errors.
  socket.on("error", () => {});
  return socket;
}

const said: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  EHOSTUNREACH: "no route to host",
  ENETUNREACH: "network is unreachable",
  ETIMEDOUT: "connection timed out",
  ENOENT: "the socket is not there",
};
