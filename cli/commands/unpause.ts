import type { Command } from "commander";
import { examples, type Runner } from "../command.ts";
import { changes } from "./change-state.ts";

/** `kubectl virt unpause`. */
export function configure(command: Command, run: Runner): void {
  changes(command, run, { subresource: "unpause", done: "unpaused", body: () => ({}) });
  examples(command, ["Let it go on", "kubectl virt unpause web"]);
}
