import type { Command } from "commander";
import { queryOf } from "../../api/kube/resources/resource.ts";
import { instancePath } from "../../api/sub-resources.ts";
import type { Cli } from "../cli.ts";
import { examples, type Runner } from "../command.ts";
import { withCauses } from "../error-text.ts";
import { Failure } from "../failure.ts";
import { write } from "../io.ts";
import { oneTarget } from "../target/target.ts";

interface LogFlags {
  follow?: boolean;
  previous?: boolean;
}

/** `kubectl virt logs`. */
export function configure(command: Command, run: Runner): void {
  command
    .usage("NAME [flags]")
    .argument("<name...>", "a virtual machine: NAME, vm/NAME[/NAMESPACE], vmi/…")
    .option("-f, --follow", "go on printing as it grows")
    .option("-p, --previous", "the log of the previous run")
    .action(run(logs));
  examples(
    command,
    ["What the guest printed since it was started", "kubectl virt logs web"],
    ["Follow it", "kubectl virt logs web -f"],
    ["Why it went down the last time", "kubectl virt logs web --previous"],
  );
}

async function logs(cli: Cli, { follow, previous }: LogFlags, args: readonly string[]): Promise<void> {
  const { name, namespace } = oneTarget(args);
  const client = (await cli.client()).within(namespace);
  const { signal } = cli;
  const path = instancePath({ namespace: client.namespace, name }, "log");
  const answer = await client.stream(`${path}${queryOf({ follow, previous })}`, { signal });
  try {
    // The guest's own bytes. The wait for each write makes a slow reader slow down the server, and fills no memory.
    for await (const chunk of answer) await write(cli.io.stdout, chunk);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Error && "code" in error && error.code === "EPIPE") throw error;
    throw new Failure(`the log ended early: ${withCauses(error)}`, { cause: error });
  } finally {
    answer.destroy();
  }
}
