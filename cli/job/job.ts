import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { annotations } from "../../api/contract/labels.ts";
import type { KubeClient } from "../../api/kube/client/client.ts";
import { ApiError } from "../../api/kube/client/errors.ts";
import { sleep } from "../../api/kube/sleep.ts";
import { machines, type VirtualMachine } from "../../api/resources.ts";
import type { Cli } from "../cli.ts";
import { Failure } from "../failure.ts";
import { formatDuration } from "../flags/duration.ts";
import { exitCodes } from "../remote/exit-codes.ts";
import { untilGreeted } from "../remote/greeting.ts";
import { SshSession } from "../remote/ssh-session.ts";
import type { Target } from "../target/target.ts";
import { withDeadline } from "../wait/deadline.ts";
import { gone } from "../wait/gone.ts";
import { type Key, makeKey } from "./key.ts";
import { keepAlive } from "./machine-lease.ts";

/** Milliseconds between two tries to log in, and for the deletion of the machine at the end. */
const [loginInterval, deletionTime] = [2000, 60_000];

const port = 22;

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
  /** Copies into the guest before the command, and out of it after, also after a failed command. */
  readonly copies: readonly Copy[];
  readonly artifacts: readonly Copy[];
}

export interface Copy {
  readonly from: string;
  readonly to: string;
}

/**
 * Makes a machine, runs a command in it and deletes it, whatever happens. Resolves to the command's exit code. Throws
 * Failure when the job could not be done.
 */
export async function runJob(cli: Cli, job: Job): Promise<number> {
  const late = (): Error =>
    new Failure(`timed out after ${formatDuration(job.timeout)}`, { exitCode: exitCodes.timedOut });
  const client = await cli.client();
  await using folder = await mkdtempDisposable(join(tmpdir(), "virt-"));
  const key = await makeKey(folder.path, cli.signal);
  const manifest = await job.machine(key.publicKey);
  const { namespace = client.namespace } = manifest.metadata;
  const placed = { ...manifest, metadata: { ...manifest.metadata, namespace } };
  let code: number | undefined;
  // No way around the deletion from here on: a request that is interrupted may have made the machine.
  try {
    code = await withDeadline(cli.signal, job.timeout, late, async (signal) => {
      const { metadata } = await client.create(machines, placed, { signal, fieldValidation: "Strict" });
      const ref = { name: metadata.name ?? "", namespace, uid: metadata.uid };
      const ended = new AbortController();
      const both = AbortSignal.any([signal, ended.signal]);
      const alive = keepAlive(client, ref, both);
      const work = inMachine(cli, client.within(namespace), job, key, ref.name, both);
      try {
        return await Promise.race([work, alive]);
      } finally {
        ended.abort();
        await Promise.allSettled([work, alive]);
      }
    });
    return code;
  } finally {
    const isKept = job.keep === "always" || (job.keep === "on failure" && code !== 0);
    if (isKept) await keep(cli, client, placed);
    else await remove(cli, client, placed);
  }
}

async function inMachine(
  cli: Cli,
  client: KubeClient,
  job: Job,
  key: Key,
  name: string,
  signal: AbortSignal,
): Promise<number> {
  const target: Target = { kind: "VirtualMachine", name, namespace: client.namespace };
  const started = performance.now();
  const { waitForStart } = await import("../wait/start.ts");
  await waitForStart(cli, client, [target], job.startTimeout);
  const left = job.startTimeout === 0 ? 0 : Math.max(1, job.startTimeout - (performance.now() - started));
  const late = (): Error =>
    new Failure(
      `${name} takes no command: SSH did not let in "${job.user}" within ${formatDuration(job.startTimeout)}`,
    );
  const session = await withDeadline(signal, left, late, (until) => logIn(cli, client, target, job, key, until));
  try {
    for (const { from, to } of job.copies) await session.copy([from], `:${to}`, signal);
    const code = await session.run(job.command, "inherit", signal);
    await fetch(session, job.artifacts, code, signal);
    return code;
  } finally {
    await session.close();
  }
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

/** Logs in as soon as the guest lets us. */
async function logIn(
  cli: Cli,
  client: KubeClient,
  target: Target,
  { user }: Job,
  key: Key,
  signal: AbortSignal,
): Promise<SshSession> {
  cli.say(`Waiting for ${target.name} to take a command`);
  for (;;) {
    await untilGreeted(client, target, port, signal);
    try {
      const way = `vm/${target.name}/${client.namespace}`;
      const words = [
        // The machine is new, so its key is known to nobody. The way there is the API server's, to this very instance.
        "-oStrictHostKeyChecking=no",
        "-oUserKnownHostsFile=/dev/null",
        "-oLogLevel=ERROR",
        "-oBatchMode=yes",
        "-oIdentitiesOnly=yes",
        "-oConnectTimeout=30",
        "-F/dev/null",
        `-i${key.file}`,
      ];
      return await SshSession.open({ flags: cli.flags, target: way, port, user, words }, signal);
    } catch (error) {
      signal.throwIfAborted();
      // The server may run before cloud-init has put our key in its place.
      if (!(error instanceof Failure) || error.message.includes("could not be started")) throw error;
    }
    await sleep(loginInterval, signal);
  }
}

/** Leaves the machine in the cluster, without an expiry. */
async function keep(cli: Cli, client: KubeClient, { metadata }: VirtualMachine): Promise<void> {
  const { name = "", namespace = client.namespace } = metadata;
  const signal = AbortSignal.timeout(deletionTime);
  try {
    const found = await client.get(machines, { name, namespace }, { signal });
    if (!isSameRun(found, metadata)) return;
    const noExpiry = { [annotations.expireAfter]: null, [annotations.renewed]: null };
    const patch = { metadata: { uid: found.metadata.uid, annotations: noExpiry } };
    await client.mergePatch(machines, { name, namespace }, patch, { signal });
    cli.say(`${name} is kept; "kubectl virt delete ${name}" deletes it`);
  } catch (error) {
    if (error instanceof ApiError && error.isNotFound) return;
    cli.say(`Warning: ${name} expires: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Whether a machine is this run's. If ours was refused because of its name, the one of this name is somebody else's. */
function isSameRun(found: VirtualMachine, ours: VirtualMachine["metadata"]): boolean {
  return found.metadata.annotations?.[annotations.run] === ours.annotations?.[annotations.run];
}

/** Deletes the machine without the guest's consent, and waits until it is gone, also after an interruption. */
async function remove(cli: Cli, client: KubeClient, { metadata }: VirtualMachine): Promise<void> {
  const { name = "", namespace = client.namespace } = metadata;
  const signal = AbortSignal.timeout(deletionTime);
  try {
    const found = await client.get(machines, { name, namespace }, { signal });
    if (!isSameRun(found, metadata)) return;
    const { uid } = found.metadata;
    await client.delete(
      machines,
      { name, namespace },
      { signal, propagationPolicy: "Foreground", ...(uid ? { preconditions: { uid } } : {}) },
    );
    await gone(client, { kind: "VirtualMachine", name, namespace, uid }, signal);
  } catch (error) {
    if (error instanceof ApiError && error.isNotFound) return;
    cli.say(`Warning: ${name} is left to its expiry: ${error instanceof Error ? error.message : String(error)}`);
  }
}
