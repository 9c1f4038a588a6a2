import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { afterAll } from "vitest";
import { useAddOn } from "../add-on.ts";
import { Pty } from "../cli/pty.ts";
import { cluster, type Namespace, nodes, useNamespace } from "../cluster.ts";

/** The result of a command. */
export interface Outcome {
  readonly exitCode?: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The parts of a test: the installed add-on, a namespace, and kubectl with the plugin. */
export class Stage {
  readonly namespace: Namespace;
  readonly #folders: string[] = [];

  constructor(namespace: Namespace) {
    this.namespace = namespace;
  }

  /** Runs a `kubectl virt` command line with `input` as standard input. */
  async virt(line: string, input = ""): Promise<Outcome> {
    const [file = "", ...args] = this.#words(line);
    return execa(file, args, { env: this.environment, input, reject: false, stripFinalNewline: false });
  }

  /** Runs a command line that must succeed; returns its output. */
  async virtOk(line: string, input = ""): Promise<string> {
    const { exitCode, stdout, stderr } = await this.virt(line, input);
    if (exitCode !== 0) throw new Error(`kubectl virt ${line}: exit code ${exitCode}: ${stderr}`);
    return stdout;
  }

  /** Runs a command line on a terminal. */
  async terminal(line: string): Promise<Pty> {
    const folder = await mkdtemp(join(tmpdir(), "terminal-"));
    this.#folders.push(folder);
    return new Pty(this.#words(line), folder, this.environment);
  }

  /** Reads a field of an object by its JSON path. */
  async field(kind: "vm" | "vmi", name: string, path: string): Promise<string> {
    return this.namespace.kubectl("get", kind, name, `--output=jsonpath={${path}}`);
  }

  /** Waits until a machine has a printable status. */
  async status(name: string, wanted: string): Promise<void> {
    await this.namespace.meets("vm", name, `jsonpath={.status.printableStatus}=${wanted}`, 120_000);
  }

  /** The environment for kubectl, its plugin and the cluster. */
  get environment(): Record<string, string> {
    return { PATH: [cluster.binFolder, process.env.PATH].join(delimiter), KUBECONFIG: cluster.kubeconfig };
  }

  /** Removes the files outside the cluster. */
  async end(): Promise<void> {
    for (const folder of this.#folders) await rm(folder, { recursive: true, force: true });
  }

  #words(line: string): string[] {
    return ["kubectl", "virt", ...line.split(" "), `--namespace=${this.namespace.name}`];
  }
}

/** Sets up the tests of a file. */
export function useStage(name: string): Stage {
  useAddOn();
  const namespace = useNamespace(name, { "pod-security.kubernetes.io/enforce": "restricted" });
  const stage = new Stage(namespace);
  // Delete machines first. Then the error names a machine that hangs, and the namespace is empty at its deletion.
  afterAll(async () => {
    await namespace.kubectl("delete", "vm,vmi", "--all", "--timeout=180s");
    await stage.end();
  });
  return stage;
}

/** The flags that create a tiny guest. */
export const tiny = "--image localhost/tiny:latest --image-pull-policy Never --memory 160Mi";

/** Finds the node of a machine. */
export async function nodeOf(stage: Stage, name: string): Promise<(typeof nodes)[number]> {
  const placed = await stage.field("vmi", name, ".status.nodeName");
  const node = nodes.find((one) => one.name === placed);
  if (!node) throw new Error(`${name} runs on no node: "${placed}"`);
  return node;
}
