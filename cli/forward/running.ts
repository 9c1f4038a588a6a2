import type { KubeClient } from "../../api/kube/client/client.ts";
import { ApiError } from "../../api/kube/client/errors.ts";
import { instances, machines, type VirtualMachineInstance } from "../../api/resources.ts";
import { Failure } from "../failure.ts";
import type { Target } from "../target/target.ts";

/**
 * The running instance of what is named, looked up before a local port is opened: who connects to that can only be told
 * that the connection was closed. Throws what is not there and Failure for what does not run; resolves to `undefined`
 * where that may not be seen.
 */
export async function runningInstance(
  client: KubeClient,
  { kind, name }: Target,
  signal: AbortSignal,
): Promise<VirtualMachineInstance | undefined> {
  // Whoever may connect to a machine need not be allowed to read it.
  const unlessForbidden = (error: unknown): undefined => {
    if (error instanceof ApiError && error.isForbidden) return undefined;
    throw error;
  };
  try {
    const instance = await client.get(instances, { name }, { signal });
    const phase = instance.status?.phase ?? "Pending";
    if (phase !== "Running") throw new Failure(`${name} is not running (${phase})`);
    return instance;
  } catch (error) {
    const isAbsent = error instanceof ApiError && error.isNotFound;
    if (!isAbsent || kind === "VirtualMachineInstance") return unlessForbidden(error);
    const machine = await client.get(machines, { name }, { signal }).catch(unlessForbidden);
    throw new Failure(`${name} is not running (${machine?.status?.printableStatus ?? "Stopped"})`);
  }
}
