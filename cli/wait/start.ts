import type { KubeClient } from "../../api/kube/client.ts";
import type { Cli } from "../cli.ts";
import { formatDuration } from "../duration.ts";
import { Failure } from "../failure.ts";
import { fullName } from "../kind.ts";
import type { Target } from "../target.ts";
import { withDeadline } from "./deadline.ts";
import { LiveLine } from "./live-line.ts";
import { observe } from "./observe.ts";
import { type Stage, stageOf } from "./stage.ts";

/** Waits until a machine runs, saying in one line what is going on. Throws Failure with the reason when it will not. */
export async function waitForStart(cli: Cli, client: KubeClient, target: Target, timeout: number): Promise<void> {
  const what = fullName(target.kind, target.name);
  const line = new LiveLine(cli.io.stderr);
  const late = (): Error =>
    new Failure(`timed out after ${formatDuration(timeout)} waiting for ${what} to run; last: ${line.text}`);
  try {
    const stage = await withDeadline(cli.signal, timeout, late, (signal) => decided(client, target, signal, line));
    if (stage.state === "failed") throw new Failure(`${what} did not start: ${stage.text}`);
    line.done(`${target.name} ${stage.text}`);
  } finally {
    line.clear();
  }
}

/** The first stage at which nothing is under way any more. */
async function decided(client: KubeClient, target: Target, signal: AbortSignal, line: LiveLine): Promise<Stage> {
  const enough = new AbortController();
  const both = AbortSignal.any([signal, enough.signal]);
  let last: Stage | undefined;
  await observe(client, target, both, (observed) => {
    if (enough.signal.aborted) return;
    const stage = stageOf(observed);
    if (stage.state === "underway") {
      line.say(stage.text);
      return;
    }
    last = stage;
    enough.abort();
  }).catch((error: unknown) => {
    if (!enough.signal.aborted) throw error;
  });
  if (last) return last;
  throw signal.reason;
}
