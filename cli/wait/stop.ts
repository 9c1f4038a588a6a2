import type { KubeClient } from "../../api/kube/client/client.ts";
import type { Cli } from "../cli.ts";
import type { Target } from "../target/target.ts";
import { waitForAll } from "./all.ts";
import { gone } from "./gone.ts";

/** Waits until the machines have no instance any more. */
export async function waitForStop(
  cli: Cli,
  client: KubeClient,
  targets: readonly Target[],
  timeout: number,
): Promise<void> {
  await waitForAll(cli, targets, {
    not: "did not stop",
    timeout,
    async reach(target, signal, say) {
      say("waiting for it to stop");
      await gone(client, { ...target, kind: "VirtualMachineInstance" }, signal);
      return "has stopped";
    },
  });
}
