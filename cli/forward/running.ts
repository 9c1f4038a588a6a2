import type { KubeClient } from "../../api/kube/client/client.ts";
import { ApiError } from "../../api/kube/client/errors.ts";
import { instances, machines, type VirtualMachineInstance } from "../../api/resources.ts";
import { Failure } from "../failure.ts";
import { notRunning } from "../not-running.ts";
import type { Target } from "../target/target.ts";

/**
 * Finds the running instance of a target before a local port opens, because a client of that port sees only a closed
 * connection. Throws ApiError for a missing object, and Failure for one that does not run. Resolves to `undefined` if
 * the user may not read it.
 */
export async function runningInstance(
  client: KubeClient,
  { kind, name }: Target,
  signal: AbortSignal,
): Promise<VirtualMachineInstance | undefined> {
  // A user may have the right to connect to a machine without the right to read it.
  const unlessForbidden = (error: unknown): undefined => {
    if (error instanceof ApiError && error.isForbidden) return undefined;
    throw error;
  };
  try {
    const instance = await client.get(instances, { name }, { signal });
    const phase = instance.status?.phase;
    if (phase !== "Running") throw new Failure(notRunning(name, phase));
    return instance;
  } catch (error) {
    const isAbsent = error instanceof ApiError && error.isNotFound;
    if (!isAbsent || kind === "VirtualMachineInstance") return unlessForbidden(error);
    const machine = await client.get(machines, { name }, { signal }).catch(unlessForbidden);
    throw new Failure(notRunning(name, machine?.status?.printableStatus));
  }
}
