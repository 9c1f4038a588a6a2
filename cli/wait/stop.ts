import type { KubeClient } from "../../api/kube/client.ts";
import type { Cli } from "../cli.ts";
import { formatDuration } from "../duration.ts";
import { Failure } from "../failure.ts";
import { fullName } from "../kind.ts";
import { withDeadline } from "./deadline.ts";
import { gone } from "./gone.ts";
import { LiveLine } from "./live-line.ts";

/** Waits until a machine has no instance any more. */
export async function waitForStop(cli: Cli, client: KubeClient, name: string, timeout: number): Promise<void> {
  const line = new LiveLine(cli.io.stderr);
  const late = (): Error =>
    new Failure(`timed out after ${formatDuration(timeout)} waiting for ${fullName("VirtualMachine", name)} to stop`);
  try {
    line.say(`waiting for ${name} to stop`);
    await withDeadline(cli.signal, timeout, late, (signal) =>
      gone(client, { kind: "VirtualMachineInstance", name }, signal),
    );
    line.done(`${name} has stopped`);
  } finally {
    line.clear();
  }
}
