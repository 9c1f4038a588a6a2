import { type Command, InvalidArgumentError, Option } from "commander";
import type { Cli } from "../cli.ts";
import { examples, type Runner } from "../command.ts";
import { parseEscape } from "../console/escape.ts";
import { Session } from "../console/session.ts";
import { Failure } from "../failure.ts";
import { formatDuration, timerDelay } from "../flags/duration.ts";
import { timeoutOption } from "../flags/values.ts";
import { oneTarget } from "../target/target.ts";

interface ConsoleFlags {
  escape: number | undefined;
  readOnly?: boolean;
  until?: string;
  timeout: number;
}

/** `kubectl virt console`. */
export function configure(command: Command, run: Runner): void {
  command
    .usage("NAME [flags]")
    .argument("<name...>", "a virtual machine: NAME, vm/NAME[/NAMESPACE], vmi/…")
    .addOption(
      new Option("--escape <character>", "the key that leaves the console: ^A, ctrl-a, …, or none")
        .argParser(escapeOf)
        .default(0x1d, "^]"),
    )
    .option("--read-only", "watch only; the user who types stays connected")
    .option("--until <text>", "end, with success, when the guest writes this")
    .addOption(timeoutOption("how long to wait for the machine, or for the text of --until", "0"))
    .action(run(openConsole));
  examples(
    command,
    ["Be at the serial console; ^] leaves it", "kubectl virt console web"],
    ["Watch what somebody else does", "kubectl virt console web --read-only"],
    ["In a script: wait for the login prompt", 'kubectl virt console web --until "login:" --timeout 5m'],
    ["In a script: type something, and wait for an answer", "echo uptime | kubectl virt console web --until average"],
  );
}

async function openConsole(cli: Cli, flags: ConsoleFlags, args: readonly string[]): Promise<void> {
  const { name, namespace } = oneTarget(args);
  const { escape, readOnly = false, until, timeout } = flags;
  const client = (await cli.client()).within(namespace);
  const deadline = new AbortController();
  const what = until === undefined ? `${name} to run` : `"${until}"`;
  const late = (): void => {
    deadline.abort(new Failure(`timed out after ${formatDuration(timeout)} waiting for ${what}`));
  };
  const timer = timeout > 0 ? setTimeout(late, timerDelay(timeout)) : undefined;
  const session = new Session(cli, client, {
    name,
    escape,
    readOnly,
    until,
    // Without --until, the timeout covers only the wait for the machine.
    onConnect: () => until === undefined && clearTimeout(timer),
    signal: AbortSignal.any([cli.signal, deadline.signal]),
  });
  try {
    await session.run();
  } finally {
    clearTimeout(timer);
  }
}

function escapeOf(text: string): number | undefined {
  const escape = parseEscape(text);
  if (escape === "invalid") throw new InvalidArgumentError("it must be a control character such as ^A, or none");
  return escape;
}
