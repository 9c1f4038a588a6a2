import type { Command } from "commander";
import { examples, type Runner } from "../command.ts";
import { graceSeconds } from "../flags/grace-period.ts";
import { timeoutOption, wholeNumber } from "../flags/values.ts";
import { waitForStop } from "../wait/stop.ts";
import { type ChangeFlags, changes } from "./change-state.ts";

interface StopFlags extends ChangeFlags {
  gracePeriod?: number;
  force?: boolean;
  wait?: boolean;
  timeout: number;
}

/** `kubectl virt stop`. */
export function configure(command: Command, run: Runner): void {
  changes<StopFlags>(command, run, {
    subresource: "stop",
    done: "stopped",
    body: (flags) => {
      const seconds = graceSeconds(flags);
      return seconds === undefined ? {} : { gracePeriod: seconds };
    },
    after: async (cli, client, stopped, { wait, timeout }) => {
      if (wait) await waitForStop(cli, client, stopped, timeout);
    },
  })
    .option(
      "--grace-period <seconds>",
      "how long the guest may take to shut down before it is stopped by force",
      wholeNumber(),
    )
    .option("--force", "stop by force at once, like --grace-period=0")
    .option("--wait", "until it has stopped")
    .addOption(timeoutOption("how long to wait", "5m"));
  examples(
    command,
    ["Ask a guest to shut down", "kubectl virt stop web"],
    ["Pull the plug, and wait until the machine is gone", "kubectl virt stop web --force --wait"],
  );
}
