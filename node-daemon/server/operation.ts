import type { IncomingMessage } from "node:http";
import type { OperationAction } from "../../api/contract/daemon-request.ts";
import { StatusError } from "../../api/serving/status-error.ts";
import type { Instance, Operations } from "./backend.ts";

/** Most bytes of a body; options are only a few fields. */
const mostBody = 64 * 1024;

/** Performs an operation on an instance if the state of the instance allows it. */
export async function operate(
  operations: Operations,
  { operation, thawAfterSeconds }: OperationAction,
  { instance, request, signal }: { instance: Instance; request: IncomingMessage; signal: AbortSignal },
): Promise<void> {
  const [option] = Object.keys(await readOptions(request));
  // Especially `dryRun`: the daemon must not act on a request that it does not fully understand.
  if (option !== undefined) throw new StatusError(400, `${option}: not supported by ${operation}`);
  if (instance.phase !== "Running") throw new StatusError(409, "VMI is not running");
  if (operation === "pause" && instance.paused) throw new StatusError(409, "VMI is already paused");
  if (operation === "unpause" && !instance.paused) throw new StatusError(409, "VMI is not paused");
  await operations[operation](
    instance,
    signal,
    thawAfterSeconds === undefined ? {} : { thawAfter: thawAfterSeconds * 1000 },
  );
}

async function readOptions(request: IncomingMessage): Promise<object> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    parts.push(part);
    size += part.length;
    if (size > mostBody) throw new StatusError(413, `the body is longer than ${mostBody} bytes`);
  }
  const text = Buffer.concat(parts).toString().trim();
  if (text === "") return {};
  let options: unknown;
  try {
    options = JSON.parse(text);
  } catch (error) {
    throw new StatusError(400, "the body is not JSON", { cause: error });
  }
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new StatusError(400, "the body is not a JSON object");
  }
  return options;
}
