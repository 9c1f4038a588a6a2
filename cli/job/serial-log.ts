import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { KubeClient } from "../../api/kube/client/client.ts";
import { instancePath } from "../../api/sub-resources.ts";
import { withCauses } from "../error-text.ts";
import { Failure } from "../failure.ts";

/** Saves what the guest wrote to its serial port so far. Throws Failure when that is not there or cannot be saved. */
export async function saveLog(client: KubeClient, name: string, file: string, signal: AbortSignal): Promise<void> {
  try {
    const path = instancePath({ namespace: client.namespace, name }, "log");
    await pipeline(await client.stream(path, { signal }), createWriteStream(file), { signal });
  } catch (cause) {
    throw new Failure(`--log: no log in ${file}: ${withCauses(cause)}`, { cause });
  }
}
