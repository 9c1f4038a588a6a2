import type { KubeClient } from "../../api/kube/client/client.ts";
import { ApiError } from "../../api/kube/client/errors.ts";
import { sleep } from "../../api/kube/sleep.ts";
import { instances, machines } from "../../api/resources.ts";
import { hasStopped, type State } from "./verdict.ts";

/** Reads a machine and its instance; `undefined` when the API server is out of reach, or refuses. */
export async function stateOf(client: KubeClient, name: string, signal: AbortSignal): Promise<State | undefined> {
  const unlessAbsent = (error: unknown): undefined => {
    if (error instanceof ApiError && error.isNotFound) return undefined;
    throw error;
  };
  try {
    const [machine, instance] = await Promise.all([
      client.get(machines, { name }, { signal }).catch(unlessAbsent),
      client.get(instances, { name }, { signal }).catch(unlessAbsent),
    ]);
    return { machine, instance };
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

/** Like `stateOf`, after the daemon reported a stop: gives the controller some seconds to write it. */
export async function stateAfterStop(
  client: KubeClient,
  name: string,
  signal: AbortSignal,
): Promise<State | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const state = await stateOf(client, name, signal);
    if (!state || hasStopped(state.instance) || attempt === 10) return state;
    await sleep(300, signal);
  }
}
