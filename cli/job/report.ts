import type { KubeClient } from "../../api/kube/client/client.ts";
import { instances } from "../../api/resources.ts";

/** The stages of a job, in their order. */
export const jobStages = ["create", "start", "ready", "copy", "command", "artifacts", "delete"] as const;
export type Stage = (typeof jobStages)[number];

/** What `run -o json` prints. */
export interface Report {
  readonly name: string;
  readonly namespace: string;
  /** The node that the machine ran on, if it got that far. */
  node?: string;
  /** The command's exit code, if the command ended. */
  exitCode?: number;
  /** Why the job could not be done. */
  error?: string;
  /** Seconds of each stage that began. The last one may have failed. */
  readonly stages: Partial<Record<Stage, number>>;
  /** When the instance reached its phases, by the API's times. */
  phases?: Record<string, string>;
}

/** Measures work as a stage of the report, also if it fails. */
export async function measured<T>({ stages }: Report, stage: Stage, work: () => Promise<T>): Promise<T> {
  const since = performance.now();
  try {
    return await work();
  } finally {
    stages[stage] = Math.round(performance.now() - since) / 1000;
  }
}

/** Adds to a report what the instance knows. A report without this is better than a failed job. */
export async function addInstance(report: Report, client: KubeClient, signal: AbortSignal): Promise<void> {
  const { name, namespace } = report;
  const { status } = (await client.get(instances, { name, namespace }, { signal }).catch(() => undefined)) ?? {};
  if (status?.nodeName !== undefined) report.node = status.nodeName;
  const phases = status?.phaseTransitionTimestamps ?? [];
  report.phases = Object.fromEntries(
    phases.map(({ phase, phaseTransitionTimestamp }) => [phase, phaseTransitionTimestamp]),
  );
}
