import { spawn } from "node:child_process";
import { type Command, Option } from "commander";
import type { Cli } from "../cli.ts";
import { examples, type Runner } from "../command.ts";
import { Ended } from "../failure.ts";
import { port, repeated } from "../flags/values.ts";
import { hostOf, loginOf, proxyWord, sshWords } from "../remote/login.ts";
import { endOfOpenSsh } from "../remote/open-ssh.ts";

interface SshFlags {
  username?: string;
  identityFile?: string;
  port: number;
  command?: string;
  localSshOpts?: readonly string[];
}

/** `kubectl virt ssh`. */
export function configure(command: Command, run: Runner): void {
  command
    .usage("[USER@]NAME [flags]")
    .argument("<target>", "a virtual machine, with the user in it: [USER@]NAME, [USER@]vm/NAME[/NAMESPACE]")
    .option("-l, --username <name>", "the user in the guest; ssh's own default when absent")
    .option("-i, --identity-file <file>", "the private key")
    .addOption(new Option("-p, --port <port>", "the guest's port").argParser(port).default(22))
    .option("-c, --command <text>", "a command to run in place of a shell")
    .addOption(new Option("-t, --local-ssh-opts <option>", "an option for ssh; may be repeated").argParser(repeated))
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
