import { type Command, Option } from "commander";
import type { KubeClient } from "../../api/kube/client/client.ts";
import type { Cli } from "../cli.ts";
import { Failure } from "../failure.ts";
import type { GlobalFlags } from "../flags/global-flags.ts";
import { port, repeated } from "../flags/values.ts";
import { resolveTarget } from "../forward/meant-target.ts";
import { ownCommand } from "../forward/own-command.ts";
import { parseTarget, type Target } from "../target/target.ts";

/** The flags of commands that log in by OpenSSH. */
export interface LoginFlags {
  username?: string;
  identityFile?: string;
  port: number;
  localSshOpts?: readonly string[];
}

/** Gives a command these flags, with the letters that it has for two of them. */
export function addLoginFlags(
  command: Command,
  { identityFile = "", localSshOpts = "" }: { identityFile?: "" | "-i, "; localSshOpts?: "" | "-t, " } = {},
): Command {
  return command
    .option("-l, --username <name>", "the user in the guest; ssh's own default when absent")
    .option(`${identityFile}--identity-file <file>`, "the private key")
    .addOption(new Option("-p, --port <port>", "the guest's port of SSH").argParser(port).default(22))
    .addOption(
      new Option(`${localSshOpts}--local-ssh-opts <option>`, "an option for OpenSSH; may be repeated").argParser(
        repeated,
      ),
    );
}

/** A machine to log in to, and the user there. */
export interface Login {
  readonly target: Target;
  /** A client in the machine's namespace. */
  readonly client: KubeClient;
  /** `vm/NAME/NAMESPACE` or `vmi/NAME/NAMESPACE`. */
  readonly path: string;
  /** ssh's own default when absent. */
  readonly user: string | undefined;
}

/** Finds the machine of `[USER@]NAME`, with NAME in all forms of a target. The user in it comes before the flag's. */
export async function loginOf(cli: Cli, text: string, username: string | undefined): Promise<Login> {
  const at = text.lastIndexOf("@");
  const given = parseTarget(text.slice(at + 1));
  const user = at < 0 ? username : text.slice(0, at);
  if (user === "") throw new Failure(`"${text}" has no user before the @`);
  const target = await resolveTarget(cli, given);
  const client = (await cli.client()).within(target.namespace);
  const kind = target.kind === "VirtualMachine" ? "vm" : "vmi";
  return { target, client, path: `${kind}/${target.name}/${client.namespace}`, user };
}

/** The name by which ssh remembers the guest's key. */
export function hostOf(path: string): string {
  return path.replaceAll("/", ".");
}

/** The word for ssh and scp with the way to a guest's port. */
export function proxyWord(flags: GlobalFlags, path: string, guestPort: number): string {
  const way = ownCommand(flags, ["port-forward", "--stdio", path, String(guestPort)]);
  // ssh replaces sequences that begin with %.
  return `-oProxyCommand=${way.replaceAll("%", "%%")}`;
}

/** The words of `--identity-file` and `--local-ssh-opts`. */
export function sshWords({ identityFile, localSshOpts = [] }: LoginFlags): string[] {
  const identity = identityFile === undefined ? [] : ["-i", identityFile];
  return [...identity, ...localSshOpts.flatMap((option) => option.split(/\s+/).filter(Boolean))];
}
