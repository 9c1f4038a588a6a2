import type { KubeClient } from "../../api/kube/client/client.ts";
import type { Cli } from "../cli.ts";
import { Failure } from "../failure.ts";
import { formatDuration } from "../flags/duration.ts";
import { fullName } from "../target/kind.ts";
import type { Target } from "../target/target.ts";
import { withDeadline } from "./deadline.ts";
import { gone } from "./gone.ts";

/** Waits until the deleted objects, known by their UIDs, are gone. */
export async function waitForEnd(
  cli: Cli,
  client: KubeClient,
  targets: readonly (Target & { uid: string })[],
  timeout: number,
): Promise<void> {
  const left = new Set(targets);
  const late = (): Error => {
    const names = [...left].map(({ kind, name }) => fullName(kind, name)).join(", ");
    return new Failure(`timed out after ${formatDuration(timeout)} waiting for the end of ${names}`);
  };
  await withDeadline(cli.signal, timeout, late, async (signal) => {
    await Promise.all(
      targets.map(async (target) => {
        await gone(client, target, signal);
        left.delete(target);
      }),
    );
  });
}
