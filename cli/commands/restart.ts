import type { Command } from "commander";
import { examples, type Runner } from "../command.ts";
import { Failure } from "../failure.ts";
import { wholeNumber } from "../flags/values.ts";
import { type ChangeFlags, changes } from "./change-state.ts";

interface RestartFlags extends ChangeFlags {
  gracePeriod?: number;
  force?: boolean;
}

/** `kubectl virt restart`. */
export function configure(command: Command, run: Runner): void {
  changes<RestartFlags>(command, run, {
    subresource: "restart",
    done: "restarted",
    body: ({ gracePeriod, force }) => {
      // The server accepts only 0 seconds.
      if (gracePeriod !== undefined && gracePeriod !== 0) {
        throw new Failure(`invalid argument "${gracePeriod}" for "--grace-period" flag: only 0 is possible here`);
      }
      return force || gracePeriod === 0 ? { gracePeriodSeconds: 0 } : {};
    },
  })
    .option("--grace-period <seconds>", "0: the guest is not asked to shut down first", wholeNumber())
    .option("--force", "do not ask the guest to shut down first, as --grace-period=0");
  examples(
    command,
    ["Shut a guest down and start it again", "kubectl virt restart web"],
    ["Do so at once", "kubectl virt restart web --force"],
  );
}
