import { spawn } from "node:child_process";
import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { examples, type Runner } from "../command.ts";
import { Ended, Failure } from "../failure.ts";
import { addLoginFlags, hostOf, type LoginFlags, loginOf, proxyWord, sshWords } from "../remote/login.ts";
import { endOfOpenSsh } from "../remote/open-ssh.ts";

interface ScpFlags extends LoginFlags {
  recursive?: boolean;
  preserve?: boolean;
}

/** `kubectl virt scp`. */
export function configure(command: Command, run: Runner): void {
  addLoginFlags(command, { identityFile: "-i, ", localSshOpts: "-t, " })
    .usage("SOURCE... DESTINATION [flags]")
    .argument("<paths...>", "paths here, and paths in one machine: [USER@]NAME:PATH, [USER@]vm/NAME[/NAMESPACE]:PATH")
    .option("-r, --recursive", "copy folders with their content")
    .option("--preserve", "keep times and modes")
    .action(run(scp));
  examples(
    command,
    ["A file into the guest", "kubectl virt scp ./build.tar debian@web:/tmp/"],
    ["A folder out of it", "kubectl virt scp -r debian@vm/web/shop:/var/log ./logs"],
  );
}

async function scp(cli: Cli, flags: ScpFlags, paths: readonly string[]): Promise<void> {
  const destination = paths.at(-1) ?? "";
  const sources = paths.slice(0, -1);
  if (sources.length === 0)
    throw new Failure(`"${destination}" is the only path; a source and a destination are needed`);
  const machines = new Set(paths.flatMap((path) => remoteOf(path)?.machine ?? []));
  const [machine, ...others] = machines;
  if (machine === undefined) throw new Failure("no path is in a machine; one side has the form NAME:PATH");
  if (others.length > 0) throw new Failure(`"${machine}" and "${others[0]}": all paths must be in one machine`);
  const sides = [sources.every(remoteOf), sources.some(remoteOf), remoteOf(destination) !== undefined] as const;
  if (sides[0] === sides[2] || sides[0] !== sides[1]) {
    throw new Failure("either all sources or the destination are in the machine");
  }
  const { path, user } = await loginOf(cli, machine, flags.username);
  const host = `${user === undefined ? "" : `${user}@`}${hostOf(path)}`;
  const place = (text: string): string => {
    const remote = remoteOf(text);
    // scp takes a path with a colon before its first slash for a remote one.
    return remote ? `${host}:${remote.path}` : text.replace(/^([^/]*:)/, "./$1");
  };
  const args = [
    proxyWord(cli.flags, path, flags.port),
    ...(flags.recursive ? ["-r"] : []),
    ...(flags.preserve ? ["-p"] : []),
    ...sshWords(flags),
    "--",
    ...paths.map(place),
  ];
  const code = await endOfOpenSsh("scp", spawn("scp", args, { stdio: "inherit" }), cli.signal);
  if (code !== 0) throw new Ended(code ?? 255);
}

/** The parts of `[USER@]NAME:PATH`; `undefined` for a path here, which may begin with ./ if it has a colon. */
function remoteOf(text: string): { machine: string; path: string } | undefined {
  const [, machine, path] = /^(?![./])([^:]+):(.*)$/s.exec(text) ?? [];
  return machine === undefined || path === undefined ? undefined : { machine, path };
}
