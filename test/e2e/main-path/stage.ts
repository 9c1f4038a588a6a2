import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { afterAll } from "vitest";
import { useAddOn } from "../add-on.ts";
import { Pty } from "../cli/pty.ts";
import { cluster, eventually, type Namespace, nodes, useNamespace } from "../cluster.ts";

/** What a command came to. */
export interface Outcome {
  readonly exitCode?: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What the tests of a file work with: the installed add-on, a namespace, and kubectl with the plugin. */
export class Stage {
  readonly namespace: Namespace;
  readonly #folders: string[] = [];

  constructor(namespace: Namespace) {
    this.namespace = namespace;
  }

  /** Runs `kubectl virt`, as typed; it reads `input`. */
  async virt(line: string, input = ""): Promise<Outcome> {
    const [file = "", ...args] = this.#words(line);
    return execa(file, args, { env: this.environment, input, reject: false, stripFinalNewline: false });
  }

  /** The same, which has to succeed; returns what it printed. */
  async virtOk(line: string, input = ""): Promise<string> {
    const { exitCode, stdout, stderr } = await this.virt(line, input);
    if (exitCode !== 0) throw new Error(`kubectl virt ${line}: exit code ${exitCode}: ${stderr}`);
    return stdout;
  }

  /** Runs it on a terminal. */
  async terminal(line: string): Promise<Pty> {
    const folder = await mkdtemp(join(tmpdir(), "terminal-"));
    this.#folders.push(folder);
    return new Pty(this.#words(line), folder, this.environment);
  }

  /** A field of an object, by its JSON path. */
  async field(kind: "vm" | "vmi", name: string, path: string): Promise<string> {
    return this.namespace.kubectl("get", kind, name, `--output=jsonpath={${path}}`);
  }

  /** Waits until a machine is told of so. */
  async status(name: string, wanted: string): Promise<void> {
    await eventually(async () => {
      const found = await this.field("vm", name, ".status.printableStatus");
      if (found !== wanted) throw new Error(`${name} is not ${wanted} but ${found}`);
    }, 120_000);
  }

  /** Where kubectl and its plugin are found, and the cluster. */
  get environment(): Record<string, string> {
    return { PATH: [cluster.binFolder, process.env.PATH].join(delimiter), KUBECONFIG: cluster.kubeconfig };
  }

  /** Removes what it has made beside the cluster. */
  async end(): Promise<void> {
    for (const folder of this.#folders) await rm(folder, { recursive: true, force: true });
  }

  #words(line: string): string[] {
    return ["kubectl", "virt", ...line.split(" "), `--namespace=${this.namespace.name}`];
  }
}

/** Sets the stage for the tests of a file. */
export function useStage(name: string): Stage {
  useAddOn();
  const namespace = useNamespace(name, { "pod-security.kubernetes.io/enforce": "restricted" });
  const stage = new Stage(namespace);
  // First of all, so that the namespace is empty when it goes: what hangs is told of by name.
  afterAll(async () => {
    await namespace.kubectl("delete", "vm,vmi", "--all", "--timeout=180s");
    await stage.end();
  });
  return stage;
}

/** The flags by which a tiny guest is created. */
export const tiny = "--image localhost/tiny:latest --image-pull-policy Never --memory 160Mi";

/** The node that a machine runs on. */
export async function nodeOf(stage: Stage, name: string): Promise<(typeof nodes)[number]> {
  const placed = await stage.field("vmi", name, ".status.nodeName");
  const node = nodes.find((one) => one.name === placed);
  if (!node) throw new Error(`${name} runs on no node: "${placed}"`);
  return node;
}
