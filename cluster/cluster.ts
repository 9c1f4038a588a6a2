import { readdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { Bundle } from "./bundle.ts";
import { cacheRoot } from "./cache.ts";
import { Pki } from "./pki.ts";

const stateRoot = join(process.env.XDG_STATE_HOME || join(homedir(), ".local", "state"), "kubectl-virt", "clusters");

/** The cgroup below each hierarchy that holds all clusters. */
const cgroupRoot = "kubectl-virt";

/** Name of the bundle with the control plane and the nodes' bridge. */
const controlPlaneName = "control-plane";

/** One local cluster: its paths and names. It looks up everything else. */
export class Cluster {
  readonly name: string;
  /** Its state folder. */
  readonly folder: string;
  readonly pki: Pki;

  constructor(name: string) {
    if (!/^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/.test(name)) {
      throw new Error(`--name: "${name}" is not a name: use 1 to 32 lower-case letters, digits and inner dashes`);
    }
    this.name = name;
    this.folder = join(stateRoot, name);
    this.pki = new Pki(join(this.folder, "pki"));
  }

  /** A cluster administrator's kubeconfig for programs of the machine. */
  get kubeconfig(): string {
    return join(this.folder, "kubeconfig");
  }

  /** Locked during changes of the cluster. Not in the cluster's folder, which comes and goes. */
  get lockFile(): string {
    return join(cacheRoot, `cluster-${this.name}.lock`);
  }

  /** A folder for the PATH of the cluster's users. */
  get binFolder(): string {
    return join(this.folder, "bin");
  }

  get cgroup(): string {
    return `${cgroupRoot}/${this.name}`;
  }

  get controlPlane(): Bundle {
    return this.bundle(controlPlaneName);
  }

  /** The bundle of a name, whether it exists or not. */
  bundle(name: string): Bundle {
    return new Bundle(name, join(this.folder, "bundles", name), `${this.cgroup}/${name}`);
  }

  /** Its nodes, in order; none when the cluster does not exist. */
  async nodes(): Promise<Node[]> {
    const names = await readdir(join(this.folder, "bundles")).catch(() => []);
    const numbers = names.flatMap((name) => /^node-(\d+)$/.exec(name)?.[1] ?? []).map(Number);
    return numbers.toSorted((a, b) => a - b).map((number) => this.node(number));
  }

  /** Node number 1, 2, …, whether it exists or not. */
  node(number: number): Node {
    return { number, name: `node-${number}`, bundle: this.bundle(`node-${number}`) };
  }

  /** Runs kubectl as the administrator and returns its output. Throws with kubectl's error output when it fails. */
  async kubectl(args: readonly string[], { input }: { input?: string } = {}): Promise<string> {
    const env = { KUBECONFIG: this.kubeconfig };
    const { stdout } = await execa(join(this.binFolder, "kubectl"), args, {
      env,
      ...(input === undefined ? {} : { input }),
    });
    return stdout;
  }
}

/** A node of a cluster. */
export interface Node {
  number: number;
  name: string;
  bundle: Bundle;
}

/** Names of the clusters that have state on this machine. */
export async function clusterNames(): Promise<string[]> {
  return readdir(stateRoot).catch(() => []);
}
