import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { StatusError } from "../../api/serving/status-error.ts";
import { logFiles } from "../relay/log-files.ts";
import { readLog } from "../relay/log-reader.ts";
import type { SerialPort } from "./backend.ts";

/**
 * Answers with the log of an instance's first serial port, also after the instance's end. With `follow`, continues with
 * later output.
 */
export async function serveConsoleLog(
  { name, serialPorts }: { name: string; serialPorts: readonly SerialPort[] },
  { follow, previous }: { follow: boolean; previous: boolean },
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const [port] = serialPorts;
  if (!port) throw new StatusError(400, "No serial consoles are present.");
  if (previous && follow) throw new StatusError(400, "follow: the log of the previous instance is complete");
  if (!previous && port.log === undefined) {
    throw new StatusError(400, "spec.domain.devices.logSerialConsole is false: no log is kept");
  }
  const path = previous ? port.previousLog : port.log;
  // The file appears with the guest's first output.
  const awaited = !previous && port.hub !== undefined;
  if (path === undefined || (!awaited && (await logFiles(path)).length === 0)) {
    throw new StatusError(404, `no log of ${previous ? "a previous instance of " : ""}"${name}" is kept on this node`);
  }
  response.writeHead(200, { "content-type": "text/plain; charset=utf-8" });
  response.flushHeaders();
  const log = readLog(path, { follow: follow ? port.hub?.log : undefined, signal });
  await pipeline(Readable.from(log, { objectMode: false }), response);
}
