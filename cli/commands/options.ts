import type { Command } from "commander";
import type { Runner } from "../command.ts";
import { globalOptions } from "../flags/global-flags.ts";

/** `kubectl virt options`. */
export function configure(command: Command, run: Runner): void {
  command.action(
    run(async (cli) => {
      await cli.print("The following options can be passed to any command:\n");
      for (const { flags, description } of globalOptions()) await cli.print(`    ${flags}:\n\t${description}\n`);
    }),
  );
}
