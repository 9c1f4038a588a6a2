import type { Command } from "commander";
import { examples, type Runner } from "../command.ts";
import { timeoutOption } from "../flags/values.ts";
import { waitForStart } from "../wait/start.ts";
import { type ChangeFlags, changes } from "./change-state.ts";

interface StartFlags extends ChangeFlags {
  paused?: boolean;
  wait?: boolean;
  timeout: number;
}

/** `kubectl virt start`. */
export function configure(command: Command, run: Runner): void {
  changes<StartFlags>(command, run, {
    subresource: "start",
    done: "started",
    body: ({ paused }) => (paused ? { paused } : {}),
    after: async (cli, client, started, { wait, timeout }) => {
      if (wait) await waitForStart(cli, client, started, timeout);
    },
  })
    .option("--paused", "started, but frozen until unpaused")
    .option("--wait", "until it runs, and show what is going on")
    .addOption(timeoutOption("how long to wait", "5m"));
  examples(
    command,
    ["Start a machine", "kubectl virt start web"],
    ["Start it and wait until it runs", "kubectl virt start web --wait"],
    ["Start all machines of a group", "kubectl virt start -l app=shop"],
  );
}
