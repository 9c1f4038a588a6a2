import { copyFile, cp, mkdir, mkdtempDisposable, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { httpsPorts } from "../../api/contract/constants.ts";
import * as ownBundler from "../../deploy/bundle.ts";
import { bundleFile, type Program } from "../../deploy/bundle.ts";
import type { Bundle } from "../bundle.ts";
import { cached } from "../cache.ts";
import type { Cluster, Node } from "../cluster.ts";
import { type Component, logFile, running, start, succeeds, until } from "../component.ts";
import { addresses, apiServerPort } from "../fabric.ts";
import { besideBundle, programInputs } from "../images/program.ts";
import { contentDigest } from "../images/recipe.ts";
import { compileQuickly } from "../images/static-program.ts";
import { kubeconfig } from "../kubeconfig.ts";
import { quiet } from "../progress.ts";

/** The folder on a machine for programs from the source tree. */
const folder = "/opt/virt";

/** The Node program in that folder. It distinguishes these programs from all others. */
export const sourceNode = `${folder}/node`;

/** The folder in which a node daemon finds `ca.crt`, `tls.crt` and `tls.key`. */
export const tlsFolder = `${folder}/tls`;

/** Options of a program from the source tree. */
export interface SourceProgramOptions {
  readonly cluster: Cluster;
  readonly machine: Bundle;
  readonly program: Program;
  readonly port: number;
  readonly args: readonly string[];
  /** The node that its token is bound to, as the kubelet binds a pod's token. */
  readonly node?: string;
  readonly variant?: Variant;
}

/** Differences of a program from that of this source tree. */
export interface Variant {
  /** A module to load before the program. */
  readonly before?: string;
  /** The source tree to make it from; by default, this one. */
  readonly tree?: string;
}

/** One of our programs, run from the source tree on a machine of a local cluster, with its installed rights. */
export class SourceProgram {
  readonly cluster: Cluster;
  readonly machine: Bundle;
  readonly program: Program;
  readonly #options: SourceProgramOptions;

  constructor(options: SourceProgramOptions) {
    this.#options = options;
    this.cluster = options.cluster;
    this.machine = options.machine;
    this.program = options.program;
  }

  get component(): Component {
    const { program, port, args, variant: { before } = {} } = this.#options;
    const url = `https://127.0.0.1:${port}/readyz`;
    return {
      name: program,
      program: sourceNode,
      args: [
        "--enable-source-maps",
        ...(before === undefined ? [] : [`--import=${folder}/${basename(before)}`]),
        `${folder}/${program}/${bundleFile(program)}`,
        `--kubeconfig=${folder}/kubeconfig`,
        `--port=${port}`,
        ...args,
      ],
      ready: (machine) => succeeds(machine, ["curl", "--silent", "--fail", "--insecure", url]),
    };
  }

  get logFile(): string {
    return logFile(this.machine, this.program);
  }

  /** Copies the program, a kubeconfig and other files to the machine; `files` maps paths on the machine to contents. */
  async install(files: Readonly<Record<string, string>> = {}): Promise<void> {
    const { cluster, machine, program } = this;
    const root = await machine.rootFolder();
    await mkdir(join(root, folder), { recursive: true });
    await this.build();
    const node = join(dirname(createRequire(import.meta.url).resolve("node/package.json")), "bin/node");
    await copyProgram(node, join(root, sourceNode));
    const { before } = this.#options.variant ?? {};
    if (before !== undefined) await copyFile(before, join(root, folder, basename(before)));
    const server = `https://${addresses.controlPlane}:${apiServerPort}`;
    const inNamespace = ["--namespace=kubevirt", "--duration=24h"];
    const { node: bindTo } = this.#options;
    const bound = bindTo === undefined ? [] : ["--bound-object-kind=Node", `--bound-object-name=${bindTo}`];
    const token = await cluster.kubectl(["create", "token", program, ...inNamespace, ...bound]);
    const own = kubeconfig(cluster.name, server, await cluster.pki.authority("ca"), token);
    for (const [path, text] of Object.entries({ [`${folder}/kubeconfig`]: own, ...files })) {
      await mkdir(join(root, dirname(path)), { recursive: true });
      await writeFile(join(root, path), text, { mode: 0o600 });
    }
  }

  /** Builds it from the sources. A running program continues until its next start. Throws on errors in the sources. */
  async build(): Promise<void> {
    const { program } = this;
    const { tree } = this.#options.variant ?? {};
    await using scratch = await mkdtempDisposable(join(tmpdir(), "program-"));
    let built = scratch.path;
    if (tree === undefined) {
      // Tests build the same sources a hundred times, and each time takes a second of a processor.
      const key = await contentDigest(programInputs(program));
      built = await cached(quiet, `source-${program}`, key, (made) => make(program, made, ownBundler), { keep: 8 });
    } else await make(program, built, await import(join(tree, "deploy/bundle.ts")));
    const place = join(await this.machine.rootFolder(), folder, program);
    await rm(place, { recursive: true, force: true });
    await cp(built, place, { recursive: true });
  }

  /** Starts it and waits until it is ready. Keeps a running one. */
  async start(): Promise<void> {
    await start(this.machine, this.component);
  }

  /** Whether it runs now. */
  async isRunning(): Promise<boolean> {
    return (await running(this.machine, this.component)) !== undefined;
  }

  /** Ends it and waits until it is gone; by default at once, like a crash. */
  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const found = await running(this.machine, this.component);
    if (found) process.kill(found.pid, signal);
    await until(async () => !(await this.isRunning()), 20_000);
  }

  /** Everything that it has logged. */
  async log(): Promise<string> {
    return readFile(this.logFile, "utf8");
  }
}

/** Builds a program and the programs beside it into a folder, with the bundler of a source tree. */
async function make(program: Program, into: string, bundler: Pick<typeof ownBundler, "bundle">): Promise<void> {
  await bundler.bundle(program, { folder: into, readable: true });
  for (const name of besideBundle[program]) await compileQuickly(name, join(into, name));
}

/** Copies a program of 100 MB, unless the same version of it is there. */
async function copyProgram(from: string, to: string): Promise<void> {
  const [wanted, present] = await Promise.all([stat(from), stat(to).catch(() => undefined)]);
  if (present?.size === wanted.size) return;
  // A copy that is cut off must not pass for the program, and one that runs cannot be written.
  await copyFile(from, `${to}.part`);
  await rename(`${to}.part`, to);
}

/** The controller, in the control plane's network. */
export function sourceController(cluster: Cluster, logLevel: string): SourceProgram {
  const args = [`--log-level=${logLevel}`];
  return new SourceProgram({
    cluster,
    machine: cluster.controlPlane,
    program: "virt-controller",
    port: httpsPorts.controller,
    args,
  });
}

/** A node's daemon. */
export function sourceDaemon(
  cluster: Cluster,
  { name, bundle }: Node,
  logLevel: string,
  variant: Variant = {},
): SourceProgram {
  return new SourceProgram({
    cluster,
    machine: bundle,
    program: "virt-node-daemon",
    port: httpsPorts.daemon,
    node: name,
    args: [`--node=${name}`, `--tls-folder=${tlsFolder}`, `--log-level=${logLevel}`],
    variant,
  });
}
