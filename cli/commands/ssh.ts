import { spawn } from "node:child_process";
import { type Command, Option } from "commander";
import { endOf } from "../child.ts";
import type { Cli } from "../cli.ts";
import { examples, type Runner } from "../command.ts";
import { Ended, Failure } from "../failure.ts";
import { port, repeated } from "../flags/values.ts";
import { resolveTarget } from "../forward/meant-target.ts";
import { ownCommand } from "../forward/own-command.ts";
import { parseTarget } from "../target/target.ts";

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
  const at = text.lastIndexOf("@");
  const given = parseTarget(text.slice(at + 1));
  const user = at < 0 ? flags.username : text.slice(0, at);
  if (user === "") throw new Failure(`"${text}" has no user before the @`);
  const target = await resolveTarget(cli, given);
  const { namespace } = (await cli.client()).within(target.namespace);
  const kind = target.kind === "VirtualMachine" ? "vm" : "vmi";
  const whole = `${kind}/${target.name}/${namespace}`;
  const way = ownCommand(cli.flags, ["port-forward", "--stdio", whole, String(flags.port)]);
  const args = [
    // ssh replaces sequences that begin with %.
    `-oProxyCommand=${way.replaceAll("%", "%%")}`,
    ...(user === undefined ? [] : ["-l", user]),
    ...(flags.identityFile === undefined ? [] : ["-i", flags.identityFile]),
    ...(flags.localSshOpts ?? []).flatMap((option) => option.split(/\s+/).filter(Boolean)),
    // ssh remembers the guest's key by this name.
    `${kind}.${target.name}.${namespace}`,
    ...(flags.command === undefined ? [] : [flags.command]),
  ];
  const child = spawn("ssh", args, { stdio: "inherit" });
  const code = await endOf(child, cli.signal).catch((cause: unknown) => {
    cli.signal.throwIfAborted();
    throw new Failure("the program ssh could not be started; it comes with OpenSSH", { cause });
  });
  if (code !== 0) throw new Ended(code ?? 255);
}
