import { mkdir, mkdtempDisposable, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { cached, cacheRoot, digest } from "./cache.ts";
import { lock } from "./lock.ts";
import type { Step } from "./progress.ts";
import { debianSuite } from "./versions.ts";

/** What a Debian root folder is to hold. */
export interface DebianRootOptions {
  /** Packages that are added to the variant, with what they depend on. */
  packages: readonly string[];
  /**
   * mmdebstrap's name for the packages to begin with. `extract` begins with none and only unpacks: no maintainer
   * script is run and nothing counts as installed, which suits a root that programs are only taken from.
   */
  variant?: "extract" | "custom" | "essential" | "apt" | "minbase";
  /** Glob patterns of installed paths that are left out. */
  exclude?: readonly string[];
}

/** What no program reads: documentation, manual pages and translations. */
export const documentation = ["/usr/share/doc/*", "/usr/share/man/*", "/usr/share/info/*", "/usr/share/locale/*"];

const sources = `\
deb http://deb.debian.org/debian ${debianSuite} main
deb http://deb.debian.org/debian ${debianSuite}-updates main
deb http://deb.debian.org/debian-security ${debianSuite}-security main
`;

/** A command of a Debian tool that failed; the message ends with the tool's own last lines. */
export class DebianError extends Error {
  static {
    this.prototype.name = "DebianError";
  }

  constructor(what: string, cause: unknown) {
    const output = cause instanceof Error && "all" in cause && typeof cause.all === "string" ? cause.all : "";
    const last = output.trimEnd().split("\n").slice(-10).join("\n");
    super(last ? `${what}:\n${last}` : what, { cause });
  }
}

let updated: Promise<void> | undefined;

async function updateLists(step: Step): Promise<void> {
  step.update("apt-get update");
  // Two runs at once would find apt's lists locked, and apt does not wait for that lock.
  await using _held = await lock(join(cacheRoot, "apt.lock"));
  try {
    await execa("apt-get", ["update", "--option=DPkg::Lock::Timeout=300"], { all: true });
  } catch (error) {
    throw new DebianError("apt-get update failed", error);
  }
}

/** Runs a program of apt's; if it fails, once more with fresh lists: these may be absent or name removed versions. */
async function apt(step: Step, command: string, args: readonly string[], folder?: string): Promise<string> {
  const run = () => execa(command, args, { all: true, ...(folder && { cwd: folder }) });
  try {
    return (await run()).stdout;
  } catch {
    await (updated ??= updateLists(step));
    try {
      return (await run()).stdout;
    } catch (error) {
      throw new DebianError(`${command} ${args.join(" ")} failed`, error);
    }
  }
}

/** The packages that a package depends on directly; of a meta package, what it stands for. */
export async function debianDependencies(step: Step, name: string): Promise<string[]> {
  const shown = await apt(step, "apt-cache", ["show", "--no-all-versions", name]);
  const depends = /^Depends: (.*)$/m.exec(shown)?.[1] ?? "";
  return depends.split(/[,|]/).flatMap((dependency) => dependency.trim().split(" ")[0] || []);
}

/** Unpacks packages into a folder, without those that they depend on and without running their scripts. */
export async function debianPackages(step: Step, folder: string, names: readonly string[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  await using scratch = await mkdtempDisposable(join(folder, ".debs-"));
  step.update(`downloading ${names.join(", ")}`);
  // As root throughout: apt would try a user of its own, who may not write in the scratch folder.
  await apt(step, "apt-get", ["download", "--option=APT::Sandbox::User=root", ...names], scratch.path);
  for (const deb of (await readdir(scratch.path)).toSorted()) {
    step.update(`unpacking ${deb}`);
    await execa("dpkg-deb", ["--extract", join(scratch.path, deb), folder]);
  }
}

/**
 * Makes the root folder of a Debian system with mmdebstrap, out of a mirror's packages and independent of what the
 * machine has installed or configured. Needs root: it works with chroot.
 */
export async function debianRoot(step: Step, folder: string, options: DebianRootOptions): Promise<void> {
  const { packages, variant = "apt", exclude = documentation } = options;
  const tool = await cached(step, "mmdebstrap", digest(debianSuite), (tools) =>
    debianPackages(step, tools, ["mmdebstrap"]),
  );
  const tools = join(tool, "usr/bin");
  // mmdebstrap's own temporary files; under a known name, so that those of a killed run go with the next one.
  const temporary = `${folder}.tmp`;
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });

  const args = [
    "--mode=root",
    `--variant=${variant}`,
    '--aptopt=APT::Install-Recommends "false"',
    ...exclude.map((pattern) => `--dpkgopt=path-exclude=${pattern}`),
    ...(packages.length > 0 ? [`--include=${packages.join(",")}`] : []),
    debianSuite,
    folder,
    "-",
  ];
  // mmdebstrap mounts /proc and the like in the new root. In a mount namespace of its own these go with its last
  // process, and in a PID namespace of its own all its processes go with the first, which goes with ours.
  const namespaces = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
  const subprocess = execa(
    "setpriv",
    ["--pdeathsig", "KILL", "unshare", ...namespaces, "perl", join(tools, "mmdebstrap"), ...args],
    // Its helper mmtarfilter is looked up in the path; "-" is the list of sources.
    { env: { PATH: `${tools}:${process.env.PATH}`, TMPDIR: temporary }, input: sources, all: true },
  );
  try {
    for await (const line of subprocess.iterable({ from: "all" })) {
      const message = /^I: (.*?)\.*$/.exec(line)?.[1];
      if (message) step.update(message);
    }
    await subprocess;
  } catch (error) {
    throw new DebianError("making a Debian root failed", error);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
