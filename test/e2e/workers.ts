/**
 * The number of e2e test files that run at once, each on a cluster of its own, because much of their time is waiting.
 * The default is one, because a second cluster takes longer to start than a few files take to run.
 */
export const workers = Number(process.env.E2E_WORKERS ?? 1);

/** Returns the name of a worker's cluster, counted from 1. With other names, two runs can go side by side. */
export function clusterName(worker: number): string {
  const name = process.env.E2E_CLUSTER ?? "e2e";
  return worker === 1 ? name : `${name}-${worker}`;
}
