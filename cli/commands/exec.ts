import { type Command, Option } from "commander";
import type { Cli } from "../cli.ts";
import { examples, type Runner } from "../command.ts";
import { Ended, Failure } from "../failure.ts";
import { repeated } from "../flags/values.ts";
import { runningInstance } from "../forward/running.ts";
import { environmentOf } from "../remote/environment.ts";
import { addLoginFlags, type LoginFlags, loginOf, sshWords } from "../remote/login.ts";
import { shellText } from "../remote/remote-command.ts";
import { SshSession } from "../remote/ssh-session.ts";

interface ExecFlags extends LoginFlags {
  env?: string[];
  workdir?: string;
  stdin?: boolean;
  tty?: boolean;
}

/** `kubectl virt exec`. */
export function configure(command: Command, run: Runner): void {
  addLoginFlags(command)
    .usage("[USER@]NAME [flags] -- COMMAND [ARGS...]")
    .argument("<target>", "a virtual machine, with the user in it: [USER@]NAME, [USER@]vm/NAME[/NAMESPACE]")
    .argument("[command...]", "the command and its arguments, after --")
    .option("-i, --stdin", "pass standard input to the command")
    .option("-t, --tty", "give the command a terminal")
    .addOption(new Option("-e, --env <name=value>", "a variable of the command; may be repeated").argParser(repeated))
    .option("-w, --workdir <folder>", "the folder to run in")
    .action(run(exec));
  examples(
    command,
    ["A command; the exit code is the command's", "kubectl virt exec debian@web -- uname -a"],
    ["A shell", "kubectl virt exec -it debian@web -- bash"],
    ["A script, in a folder of the guest", "kubectl virt exec -i debian@web -w /srv -- sh -s < build.sh"],
  );
  command.addHelpText(
    "after",
    "\nThe exit code is the command's, and 125 for a failure of this program. It logs in by the program ssh.",
  );
}

async function exec(cli: Cli, flags: ExecFlags, [text = "", ...words]: readonly string[]): Promise<void> {
  if (words.length === 0) throw new Failure("a COMMAND is needed, after --");
  const command = shellText({ words, env: environmentOf(flags.env ?? []), folder: flags.workdir });
  const { target, client, path, user } = await loginOf(cli, text, flags.username);
  await runningInstance(client, target, cli.signal);
  const login = { flags: cli.flags, path, port: flags.port, user, words: sshWords(flags) };
  const session = await SshSession.open(login, cli.signal);
  try {
    const stdin = flags.stdin ? "inherit" : "ignore";
    const code = await session.run(command, [stdin, "inherit", "inherit"], cli.signal, flags.tty ? ["-t"] : []);
    if (code !== 0) throw new Ended(code);
  } finally {
    await session.close();
  }
}
