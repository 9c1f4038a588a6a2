import type { KubeClient } from "../../api/kube/client/client.ts";
import { ApiError } from "../../api/kube/client/errors.ts";
import { sleep } from "../../api/kube/sleep.ts";
import { instances, machines } from "../../api/resources.ts";
import { hasStopped, type State } from "./verdict.ts";

/** What the API says of a machine and its instance; `undefined` when it cannot be asked, or does not tell us. */
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

/** As `stateOf`, for one that was told to have stopped: gives the controller some seconds to write that down. */
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
