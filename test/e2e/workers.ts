/**
 * How many files of e2e tests go on at once, each on a cluster of its own: much of their time is waiting. One when nothing is
 * said, since a second cluster takes longer to start than a few files take to run.
 */
export const workers = Number(process.env.E2E_WORKERS ?? 1);

/** The name of a worker's cluster, counted from 1. With other names, two runs go on side by side. */
export function clusterName(worker: number): string {
  const name = process.env.E2E_CLUSTER ?? "e2e";
  return worker === 1 ? name : `${name}-${worker}`;
}
