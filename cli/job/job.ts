import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KubeClient } from "../../api/kube/client/client.ts";
import { machines, type VirtualMachine } from "../../api/resources.ts";
import type { Cli } from "../cli.ts";
import { Failure } from "../failure.ts";
import { formatDuration } from "../flags/duration.ts";
import { exitCodes } from "../remote/exit-codes.ts";
import type { SshSession } from "../remote/ssh-session.ts";
import { withDeadline } from "../wait/deadline.ts";
import { keep, remove } from "./end.ts";
import { type Key, makeKey } from "./key.ts";
import { logIn } from "./log-in.ts";
import { keepAlive } from "./machine-lease.ts";
import { addInstance, measured, type Report } from "./report.ts";
import { saveLog } from "./serial-log.ts";

export interface Job {
  /** Makes the manifest of the machine, in which the key may log in. */
  machine(publicKey: string): Promise<VirtualMachine>;
  readonly user: string;
  /** Milliseconds until the guest takes a command, and for all of the job; 0 is no limit. */
  readonly startTimeout: number;
  readonly timeout: number;
  readonly keep: "never" | "on failure" | "always";
  /** The text for the guest's login shell. */
  readonly command: string;
  /** The command's standard output goes to this process' standard error. */
  readonly outputToStderr: boolean;
  /** Copies into the guest before the command, and out of it after, also after a failed command. */
  readonly copies: readonly Copy[];
  readonly artifacts: readonly Copy[];
  /** The file for the guest's serial log. */
  readonly log?: string | undefined;
}

export interface Copy {
  readonly from: string;
  readonly to: string;
}

/**
 * Makes a machine, runs a command in it and deletes it, whatever happens. Fills the report as it goes, with the
 * command's exit code. Throws Failure when the job could not be done.
 */
export async function runJob(cli: Cli, job: Job, report: Report): Promise<void> {
  const late = (): Error =>
    new Failure(`timed out after ${formatDuration(job.timeout)}`, { exitCode: exitCodes.timedOut });
  const { name, namespace } = report;
  const client = (await cli.client()).within(namespace);
  await using folder = await mkdtempDisposable(join(tmpdir(), "virt-"));
  const key = await makeKey(folder.path, cli.signal);
  const machine = await job.machine(key.publicKey);
  // No way around the deletion from here on: a request that is interrupted may have made the machine.
  try {
    await withDeadline(cli.signal, job.timeout, late, async (signal) => {
      const options = { signal, fieldValidation: "Strict" } as const;
      const { metadata } = await measured(report, "create", () => client.create(machines, machine, options));
      const ended = new AbortController();
      const both = AbortSignal.any([signal, ended.signal]);
      const alive = keepAlive(client, { name, namespace, uid: metadata.uid }, both);
      const work = inMachine(cli, client, job, key, report, both);
      try {
        await Promise.race([work, alive]);
      } finally {
        ended.abort();
        await Promise.allSettled([work, alive]);
      }
    });
  } finally {
    await addInstance(report, client, AbortSignal.timeout(10_000));
    const isKept = job.keep === "always" || (job.keep === "on failure" && report.exitCode !== 0);
    if (isKept) await keep(cli, client, machine);
    else await measured(report, "delete", () => remove(cli, client, machine));
  }
}

async function inMachine(
  cli: Cli,
  client: KubeClient,
  job: Job,
  key: Key,
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  try {
    const session = await started(cli, client, job, key, report, signal);
    try {
      await measured(report, "copy", async () => {
        for (const { from, to } of job.copies) await session.copy([from], `:${to}`, signal);
      });
      const stdio = ["inherit", job.outputToStderr ? 2 : "inherit", "inherit"] as const;
      report.exitCode = await measured(report, "command", () => session.run(job.command, [...stdio], signal));
      await measured(report, "artifacts", () => fetch(session, job.artifacts, report.exitCode ?? 0, signal));
    } finally {
      await session.close();
    }
  } finally {
    // After an interruption, too: the log tells what the guest was doing.
    if (job.log !== undefined) await saveLog(client, report.name, job.log, AbortSignal.timeout(30_000));
  }
}

/** Waits until the machine runs and lets us in. */
async function started(
  cli: Cli,
  client: KubeClient,
  job: Job,
  key: Key,
  report: Report,
  signal: AbortSignal,
): Promise<SshSession> {
  const target = { kind: "VirtualMachine", name: report.name, namespace: report.namespace } as const;
  const since = performance.now();
  const { waitForStart } = await import("../wait/start.ts");
  await measured(report, "start", () => waitForStart({ io: cli.io, signal }, client, [target], job.startTimeout));
  const left = job.startTimeout === 0 ? 0 : Math.max(1, job.startTimeout - (performance.now() - since));
  const late = (): Error =>
    new Failure(
      `${report.name} takes no command: SSH did not let in "${job.user}" within ${formatDuration(job.startTimeout)}`,
    );
  return measured(report, "ready", () =>
    withDeadline(signal, left, late, (until) => logIn(cli, client, target, { user: job.user, key }, until)),
  );
}

/** Fetches all artefacts that are there. Throws Failure for missing ones, unless the command failed anyway. */
async function fetch(
  session: SshSession,
  artifacts: readonly Copy[],
  code: number,
  signal: AbortSignal,
): Promise<void> {
  const failures: string[] = [];
  for (const { from, to } of artifacts) {
    await session.copy([`:${from}`], to, signal).catch((error: unknown) => {
      if (!(error instanceof Failure)) throw error;
      failures.push(`artifact ${from}: ${error.message}`);
    });
  }
  if (failures.length > 0 && code === 0) throw new Failure(failures.join("\n"));
}
