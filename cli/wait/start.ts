import type { KubeClient } from "../../api/kube/client/client.ts";
import type { Cli } from "../cli.ts";
import { Failure } from "../failure.ts";
import type { Target } from "../target/target.ts";
import { waitForAll } from "./all.ts";
import { observe } from "./observe.ts";
import { type Stage, stageOf } from "./stage.ts";

/** Waits until machines run. Throws Failure if one will not run. */
export async function waitForStart(
  cli: Pick<Cli, "io" | "signal">,
  client: KubeClient,
  targets: readonly Target[],
  timeout: number,
): Promise<void> {
  await waitForAll(cli, targets, {
    not: "did not start",
    timeout,
    async reach(target, signal, say) {
      const { state, text } = await decided(client, target, signal, say);
      if (state === "failed") throw new Failure(`did not start: ${text}`);
      return text;
    },
  });
}

/** Resolves to the first stage that is final. */
async function decided(
  client: KubeClient,
  target: Target,
  signal: AbortSignal,
  say: (text: string) => void,
): Promise<Stage> {
  const enough = new AbortController();
  const both = AbortSignal.any([signal, enough.signal]);
  let last: Stage | undefined;
  await observe(client, target, both, (observed) => {
    if (enough.signal.aborted) return;
    const stage = stageOf(observed);
    if (stage.state === "underway") {
      say(stage.text);
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
