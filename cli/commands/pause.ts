import type { Command } from "commander";
import { examples, type Runner } from "../command.ts";
import { changes } from "./change-state.ts";

/** `kubectl virt pause`. */
export function configure(command: Command, run: Runner): void {
  changes(command, run, { subresource: "pause", done: "paused", body: () => ({}) });
  examples(command, ["Freeze a machine where it is", "kubectl virt pause web"]);
}
