import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { endOf } from "../child.ts";
import { Failure } from "../failure.ts";
import type { GlobalFlags } from "../flags/global-flags.ts";
import { hostOf, proxyWord } from "./login.ts";
import { endOfOpenSsh } from "./open-ssh.ts";

/** A line that ssh prints when it has logged in. */
const loggedIn = "logged in";

export interface SshOptions {
  readonly flags: GlobalFlags;
  /** `vm/NAME/NAMESPACE` or `vmi/NAME/NAMESPACE`. */
  readonly path: string;
  readonly port: number;
  /** The user in the guest; ssh's own default when absent. */
  readonly user?: string | undefined;
  /** More words for ssh. */
  readonly words: readonly string[];
}

/** A login in a guest by the program ssh. Each command is a session of its own in the same connection. */
export class SshSession {
  readonly #host: string;
  readonly #folder: string;
  readonly #master: ChildProcess;

  private constructor(host: string, folder: string, master: ChildProcess) {
    this.#host = host;
    this.#folder = folder;
    this.#master = master;
  }

  /** Logs in. ssh may ask the user. Throws Failure when ssh cannot be started or does not get in. */
  static async open(options: SshOptions, signal: AbortSignal): Promise<SshSession> {
    const { flags, path, port, user, words } = options;
    // A socket's path has 107 bytes at most, so it must not be below a folder of the user's.
    const folder = await mkdtemp(join(tmpdir(), "virt-"));
    const host = hostOf(path);
    const args = [
      "-N",
      "-M",
      `-S${join(folder, "ssh")}`,
      proxyWord(flags, path, port),
      "-oPermitLocalCommand=yes",
      `-oLocalCommand=echo ${loggedIn}`,
      "-oServerAliveInterval=5",
      "-oServerAliveCountMax=6",
      ...(user === undefined ? [] : ["-l", user]),
      ...words,
      host,
    ];
    const master = spawn("ssh", args, { stdio: ["inherit", "pipe", "pipe"] });
    const said = lastWords(master.stderr);
    const session = new SshSession(host, folder, master);
    try {
      const ended = endOfOpenSsh("ssh", master, signal);
      const opened = once(master.stdout, "data", { signal }).then(() => true);
      // The other promise may fail after this race.
      ended.catch(() => {});
      opened.catch(() => {});
      if ((await Promise.race([opened, ended])) !== true) throw new Failure(said() || "ssh did not log in");
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  /**
   * Runs a text in the guest's login shell, and resolves to its exit code. Throws Failure when the connection was lost:
   * nobody knows then how the command ended.
   */
  async run(text: string, stdio: StdioOptions, signal: AbortSignal, words: readonly string[] = []): Promise<number> {
    const child = this.#start("ssh", [...words, this.#host, text], stdio);
    const code = await endOf(child, signal);
    if (code === 255 && !(await this.#isAlive())) throw new Failure("the connection to the guest was lost");
    return code ?? 255;
  }

  /** Copies files and folders; of the paths, those in the guest begin with a colon. Throws Failure with scp's words. */
  async copy(sources: readonly string[], destination: string, signal: AbortSignal): Promise<void> {
    const remote = (path: string): string => (path.startsWith(":") ? `${this.#host}${path}` : path);
    const child = this.#start(
      "scp",
      ["-q", "-r", ...sources.map(remote), remote(destination)],
      ["ignore", "inherit", "pipe"],
    );
    const said = lastWords(child.stderr);
    if ((await endOfOpenSsh("scp", child, signal)) !== 0) throw new Failure(said() || "scp failed");
  }

  async close(): Promise<void> {
    const { exitCode, signalCode, pid } = this.#master;
    if (pid !== undefined && exitCode === null && signalCode === null) {
      const ended = once(this.#master, "close");
      this.#master.kill("SIGTERM");
      await ended;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #isAlive(): Promise<boolean> {
    const check = this.#start("ssh", ["-Ocheck", this.#host], "ignore");
    return (await endOf(check, new AbortController().signal)) === 0;
  }

  #start(program: "ssh" | "scp", args: readonly string[], stdio: StdioOptions): ChildProcess {
    // Without the connection of `open`, ssh would try one of its own; this way, that fails.
    const through = [`-oControlPath=${join(this.#folder, "ssh")}`, "-oControlMaster=no", "-oProxyCommand=false"];
    return spawn(program, [...through, "-oLogLevel=ERROR", ...args], { stdio });
  }
}

/** Collects what a program prints; returns the function that gives its end. */
function lastWords(stream: Readable | null): () => string {
  let said = "";
  stream?.setEncoding("utf8").on("data", (text: string) => {
    said = `${said}${text}`.slice(-2000);
  });
  return () => said.trim();
}
