import { randomBytes, randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { type Command, InvalidArgumentError, Option } from "commander";
import { annotations } from "../../api/contract/labels.ts";
import type { VirtualMachine } from "../../api/resources.ts";
import type { Cli } from "../cli.ts";
import { examples, type Runner } from "../command.ts";
import { addMachineFlags, type MachineFlags, machineFromFlags } from "../create/machine-flags.ts";
import { withCauses } from "../error-text.ts";
import { Ended, Failure } from "../failure.ts";
import { duration, outputOption, repeated } from "../flags/values.ts";
import type { Copy } from "../job/job.ts";
import { lease } from "../job/machine-lease.ts";
import type { Report } from "../job/report.ts";
import { environmentOf } from "../remote/environment.ts";
import { exitCodes } from "../remote/exit-codes.ts";
import { shellText } from "../remote/remote-command.ts";
import { parseTarget } from "../target/target.ts";

interface RunFlags extends MachineFlags {
  user?: string;
  env?: string[];
  workdir?: string;
  copy?: Copy[];
  artifact?: Copy[];
  startTimeout: number;
  timeout: number;
  keep?: boolean;
  keepOnFailure?: boolean;
  log?: string;
  junit?: string;
  output?: "json";
}

/** The user data for cloud-init without `--cloud-init`: with it, root may log in with our key. */
const rootMayLogIn = "#cloud-config\ndisable_root: false\n";

/** `kubectl virt run`. */
export function configure(command: Command, run: Runner): void {
  addMachineFlags(command)
    .usage("[NAME] --image IMAGE [flags] -- COMMAND [ARGS...]")
    .argument("[words...]", "the machine's name, and after -- the command and its arguments")
    .option("--user <name>", "the user that runs the command (default: root)")
    .addOption(new Option("-e, --env <name=value>", "a variable of the command; may be repeated").argParser(repeated))
    .option("-w, --workdir <folder>", "the folder to run in")
    .addOption(
      new Option("--copy <local:remote>", "a file or folder to copy into the guest before; may be repeated").argParser(
        copies("local:remote"),
      ),
    )
    .addOption(
      new Option("--artifact <remote:local>", "one to copy out of it after, also if the command failed").argParser(
        copies("remote:local"),
      ),
    )
    .addOption(
      new Option("--start-timeout <duration>", "how long the guest may take to take a command; 0 is for ever")
        .argParser(duration)
        .default(600_000, "10m"),
    )
    .addOption(
      new Option("--timeout <duration>", "how long all of it may take; 0 is for ever")
        .argParser(duration)
        .default(0, "0"),
    )
    .option("--log <file>", "a file for what the guest wrote to its serial port")
    .option("--junit <file>", "a file for the result in JUnit's XML, with a test case for each stage and the command")
    .addOption(outputOption("json"))
    .option("--keep", "leave the machine in the cluster")
    .option("--keep-on-failure", "leave it there if anything failed, the command too")
    .action(run(runCommand));
  examples(
    command,
    [
      "The tests of a folder in a machine of their own",
      "kubectl virt run --image IMAGE --copy .:/src --artifact /src/report.xml:. -w /src -- make test",
    ],
    [
      "With more room, and a machine that stays if it fails",
      "kubectl virt run --image IMAGE --cpus 4 --memory 8Gi --keep-on-failure -- ./ci.sh",
    ],
  );
  command.addHelpText(
    "after",
    `
The exit code is the command's; 124 when --timeout is over, and 125 for every other failure of this program, which
standard error explains with "error:". The command gets standard input. The machine is deleted at the end, and by the
cluster ${lease.lasts / 1000} seconds after this program was killed. The command comes in by SSH, so the image needs cloud-init and an SSH
server; this computer needs OpenSSH. With -o json, standard output has only the report: the exit code, the node, and the
seconds of each stage; the command's standard output goes to standard error.`,
  );
}

async function runCommand(cli: Cli, flags: RunFlags, args: readonly string[]): Promise<void> {
  const words = args.slice(args.length - cli.afterDashes);
  const [given, ...others] = args.slice(0, args.length - cli.afterDashes);
  if (others.length > 0) throw new Failure(`"${others[0]}": the command comes after --`);
  if (words.length === 0) throw new Failure("a COMMAND is needed, after --");
  if (flags.cloudInit !== undefined && flags.user === undefined) {
    throw new Failure("with --cloud-init, --user names the user that runs the command: cloud-init's default user");
  }
  if (flags.keep && flags.keepOnFailure) throw new Failure("--keep and --keep-on-failure exclude each other");
  const { user = "root", env = [], workdir, copy = [], artifact = [], startTimeout, timeout } = flags;
  const name = given ?? `run-${randomBytes(3).toString("hex")}`;
  const text = shellText({ words, env: environmentOf(env), folder: workdir });
  const target = parseTarget(name);
  const { namespace = (await cli.client()).namespace } = target;
  const report: Report = { name: target.name, namespace, stages: {} };
  const id = randomUUID();
  const { runJob } = await import("../job/job.ts");
  try {
    await runJob(
      cli,
      {
        machine: (key) => machineOf(cli, flags, `vm/${target.name}/${namespace}`, key, id),
        user,
        startTimeout,
        timeout,
        keep: flags.keep ? "always" : flags.keepOnFailure ? "on failure" : "never",
        command: text,
        outputToStderr: flags.output !== undefined,
        copies: copy,
        artifacts: artifact,
        log: flags.log,
      },
      report,
    );
  } catch (error) {
    report.error = withCauses(error);
    throw error;
  } finally {
    if (flags.junit !== undefined) await writeJunit(cli, flags.junit, report);
    if (flags.output === "json") await cli.print(JSON.stringify(report, undefined, 2));
  }
  if (report.exitCode !== 0) throw new Ended(report.exitCode ?? exitCodes.failed);
}

async function writeJunit(cli: Cli, file: string, report: Report): Promise<void> {
  const { junitOf } = await import("../job/junit.ts");
  // The job is done, and its exit code counts.
  await writeFile(file, junitOf(report)).catch((error: unknown) => cli.say(`Warning: --junit: ${withCauses(error)}`));
}

async function machineOf(cli: Cli, flags: RunFlags, name: string, key: string, id: string): Promise<VirtualMachine> {
  const settings = { runStrategy: "Once", expire: lease.lasts, keys: [key], userData: rootMayLogIn } as const;
  const machine = await machineFromFlags(cli, flags, name, settings);
  // Nobody needs the guest after the job, so its end need not wait for a shutdown.
  machine.spec.template.spec.terminationGracePeriodSeconds = 0;
  machine.metadata.annotations = { ...machine.metadata.annotations, [annotations.run]: id };
  return machine;
}

/** Parses the values of a flag such as `--copy LOCAL:REMOTE`. */
function copies(form: string) {
  return (text: string, before: readonly Copy[] = []): Copy[] => {
    const at = text.indexOf(":");
    const [from, to] = [text.slice(0, at), text.slice(at + 1)];
    if (at < 0 || from === "" || to === "") throw new InvalidArgumentError(`"${text}" is not ${form}`);
    return [...before, { from, to }];
  };
}
