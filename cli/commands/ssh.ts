import { spawn } from "node:child_process";
import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { examples, type Runner } from "../command.ts";
import { Ended } from "../failure.ts";
import { addLoginFlags, hostOf, type LoginFlags, loginOf, proxyWord, sshWords } from "../remote/login.ts";
import { endOfOpenSsh } from "../remote/open-ssh.ts";

interface SshFlags extends LoginFlags {
  command?: string;
}

/** `kubectl virt ssh`. */
export function configure(command: Command, run: Runner): void {
  addLoginFlags(command, { identityFile: "-i, ", localSshOpts: "-t, " })
    .usage("[USER@]NAME [flags]")
    .argument("<target>", "a virtual machine, with the user in it: [USER@]NAME, [USER@]vm/NAME[/NAMESPACE]")
    .option("-c, --command <text>", "a command to run in place of a shell")
    .action(run(ssh));
  examples(
    command,
    ["A shell in the guest", "kubectl virt ssh debian@web"],
    ["A command, with a key of its own", "kubectl virt ssh debian@vm/web -i ./key -c uptime"],
    ["Without asking about the guest's key", 'kubectl virt ssh web -t "-o StrictHostKeyChecking=accept-new"'],
  );
}

async function ssh(cli: Cli, flags: SshFlags, [text = ""]: readonly string[]): Promise<void> {
  const { path, user } = await loginOf(cli, text, flags.username);
  const args = [
    proxyWord(cli.flags, path, flags.port),
    ...(user === undefined ? [] : ["-l", user]),
    ...sshWords(flags),
    hostOf(path),
    ...(flags.command === undefined ? [] : [flags.command]),
  ];
  const code = await endOfOpenSsh("ssh", spawn("ssh", args, { stdio: "inherit" }), cli.signal);
  if (code !== 0) throw new Ended(code ?? 255);
}
