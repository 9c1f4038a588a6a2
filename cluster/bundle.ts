import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, open, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { errorCode } from "../api/values/error-code.ts";
import { cgroupProcesses, hierarchies, makeCgroup, removeCgroup } from "./cgroup.ts";
import { findProcess, type Process } from "./process.ts";

const initScript = fileURLToPath(new URL("bundle-init.sh", import.meta.url));

/** The inputs for a bundle. */
export interface BundleSpec {
  /** The Debian root folder at its base; never written. */
  root: string;
  /** The static program that becomes its first process. */
  hold: string;
  /** Folders of the machine that it sees read-only, by their path in the bundle. */
  binds: Readonly<Record<string, string>>;
  /** Whether it has `/dev/kvm`. */
  kvm: boolean;
}

/**
 * A bundle of namespaces (PID, mount, network, UTS, IPC, cgroup) with its own cgroup and state folder. The cluster uses
 * it as a machine. When its first process ends, the kernel ends all its processes.
 *
 * This class stores no state: a bundle's processes are the members of its cgroup, and its first process has PID 1.
 */
export class Bundle {
  readonly name: string;
  readonly folder: string;
  /** Path of its cgroup below each hierarchy. */
  readonly cgroup: string;

  constructor(name: string, folder: string, cgroup: string) {
    this.name = name;
    this.folder = folder;
    this.cgroup = cgroup;
  }

  /** Its processes outside pods, including the waiting `unshare`. */
  async processes(): Promise<Process[]> {
    const found = await Promise.all((await cgroupProcesses(this.cgroup)).map(findProcess));
    return found.filter((entry) => entry !== undefined);
  }

  /** The PID of its first process, as seen from the machine; `undefined` when the bundle is not running. */
  async init(): Promise<number | undefined> {
    return (await this.processes()).find(({ program, namespacePids }) => {
      return program === "/run/hold" && namespacePids.length > 1 && namespacePids.at(-1) === 1;
    })?.pid;
  }

  /** Its root folder as seen from the machine, for sockets and files in it. Throws when the bundle is not running. */
  async rootFolder(): Promise<string> {
    return `/proc/${await this.#runningInit()}/root`;
  }

  /** Starts the bundle. Does nothing when it runs, unless its state folder was removed meanwhile. */
  async start(spec: BundleSpec): Promise<void> {
    if (await this.#standsOnItsFolder()) return;
    await this.end();
    await mkdir(this.folder, { recursive: true });
    await makeCgroup(this.cgroup);
    const log = await open(join(this.folder, "init.log"), "w");
    const flags = ["--pid", "--mount", "--net", "--uts", "--ipc", "--cgroup", "--fork"];
    const unshare = spawn(
      "sh",
      ["-c", joinCgroup(await hierarchies(), this.cgroup), "unshare", ...flags, "sh", initScript],
      {
        detached: true,
        stdio: ["ignore", log.fd, log.fd],
        env: {
          PATH: process.env.PATH,
          BUNDLE_NAME: this.name,
          BUNDLE_FOLDER: this.folder,
          BUNDLE_ROOT: spec.root,
          BUNDLE_CGROUPS: (await hierarchies()).map(({ options }) => options).join(" "),
          BUNDLE_BINDS: Object.entries(spec.binds)
            .map(([target, source]) => `${source}:${target}`)
            .join(" "),
          BUNDLE_KVM: spec.kvm ? "kvm" : "",
          BUNDLE_HOLD: spec.hold,
        },
      },
    );
    const ended = once(unshare, "exit").then(() => "ended" as const);
    await log.close();
    while ((await this.init()) === undefined) {
      if ((await Promise.race([ended, delay(20)])) === "ended") {
        throw new Error(`starting ${this.name}: ${await readFile(join(this.folder, "init.log"), "utf8")}`);
      }
    }
    unshare.unref();
  }

  /** Kills every process in it, including pods' processes, and waits until they are gone. */
  async end(): Promise<void> {
    for (;;) {
      const pids = await cgroupProcesses(this.cgroup, { below: true });
      if (pids.length === 0) break;
      const init = await this.init();
      // The kernel kills the rest with the first process. Without a first process, other processes may still exist.
      for (const pid of init === undefined ? pids : [init]) kill(pid);
      await delay(20);
    }
    await removeCgroup(this.cgroup);
  }

  /** Ends the bundle and removes its state. */
  async remove(): Promise<void> {
    await this.end();
    await rm(this.folder, { recursive: true, force: true });
  }

  /**
   * The command that runs `command` in the bundle, to start as a process. It may use the network of another bundle or
   * of the machine. Throws when the bundle is not running.
   */
  async enter(
    command: readonly string[],
    { network = this }: { network?: Bundle | "machine" } = {},
  ): Promise<[string, ...string[]]> {
    const init = await this.#runningInit();
    const namespaces = ["--mount", "--pid", "--uts", "--ipc", "--cgroup"];
    if (network !== "machine") namespaces.push(`--net=/proc/${await network.#runningInit()}/ns/net`);
    const nsenter = ["nsenter", "--target", String(init), ...namespaces, "--", ...command];
    return ["sh", "-c", joinCgroup(await hierarchies(), this.cgroup), ...nsenter];
  }

  /** Runs a program in the bundle to its end. Throws when the program fails. */
  async run(command: readonly string[], where: { network?: Bundle | "machine" } = {}): Promise<string> {
    const [file, ...args] = await this.enter(command, where);
    const { stdout } = await execa(file, args);
    return stdout;
  }

  /** Whether it runs, and writes to the state folder that exists now. */
  async #standsOnItsFolder(): Promise<boolean> {
    const init = await this.init();
    if (init === undefined) return false;
    const [inside, outside] = await Promise.all(
      [`/proc/${init}/root/var/lib/kubelet`, join(this.folder, "kubelet")].map((path) =>
        stat(path).catch(() => undefined),
      ),
    );
    return inside !== undefined && inside.ino === outside?.ino;
  }

  async #runningInit(): Promise<number> {
    const init = await this.init();
    if (init === undefined) throw new Error(`${this.name} is not running`);
    return init;
  }
}

/** A shell script that moves itself into the cgroup in each hierarchy, and then executes its arguments. */
function joinCgroup(mounted: readonly { mountpoint: string }[], cgroup: string): string {
  const joins = mounted.map(({ mountpoint }) => `echo $$ > ${join(mountpoint, cgroup, "cgroup.procs")}`);
  return `set -e; ${joins.join("; ")}; exec "$0" "$@"`;
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (errorCode(error) !== "ESRCH") throw error;
  }
}
