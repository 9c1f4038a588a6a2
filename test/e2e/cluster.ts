import { afterAll, beforeAll } from "vitest";
import { Cluster } from "../../cluster/cluster.ts";
import { until } from "../../cluster/component.ts";
import { clusterName } from "./workers.ts";

/** The cluster of a worker's e2e tests, which run one file after another; `global-setup.ts` starts it. */
export const cluster = new Cluster(clusterName(Number(process.env.VITEST_POOL_ID ?? 1)));

/** Its two nodes. */
export const nodes = [cluster.node(1), cluster.node(2)] as const;

/** Gives the cluster the definitions of the kinds, and waits until it serves them. */
export async function installDefinitions(): Promise<void> {
  await cluster.kubectl(["apply", "--server-side", "--force-conflicts", "--filename=deploy/manifests/crds"]);
  // kubectl fails for a definition that the API server has not processed yet.
  const established = ["wait", "crd", "--all", "--for=condition=Established", "--timeout=60s"];
  await eventually(() => cluster.kubectl(established));
}

/** Makes a namespace, with the given Pod Security labels, that exists while the tests of a file run. */
export function useNamespace(name: string, labels: Readonly<Record<string, string>> = {}): Namespace {
  beforeAll(async () => {
    const manifest = { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
    await eventually(async () => {
      await cluster.kubectl(["apply", "--filename=-"], { input: JSON.stringify(manifest) });
      const phase = await cluster.kubectl(["get", "namespace", name, "--output=jsonpath={.status.phase}"]);
      if (phase !== "Active") throw new Error(`namespace ${name} of an earlier run is ${phase}`);
      // The API server refuses Pods until their namespace has its default service account.
      await cluster.kubectl(["get", "serviceaccount", "default", `--namespace=${name}`]);
    });
  });
  afterAll(async () => {
    // Delete objects that could disturb other tests at once. The rest takes Kubernetes 5 s; do not wait for it.
    const kinds = "deployments,replicasets,pods,services,persistentvolumeclaims";
    await cluster.kubectl(["delete", kinds, "--all", `--namespace=${name}`]);
    await cluster.kubectl(["delete", "namespace", name, "--wait=false"]);
  });
  return new Namespace(name);
}

/** A namespace for a test. */
export class Namespace {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  /** Runs kubectl in it. */
  async kubectl(...args: readonly string[]): Promise<string> {
    return cluster.kubectl([`--namespace=${this.name}`, ...args]);
  }

  /** Applies manifests to it. */
  async apply(...manifests: readonly object[]): Promise<void> {
    const input = manifests.map((manifest) => JSON.stringify(manifest)).join("\n---\n");
    await cluster.kubectl([`--namespace=${this.name}`, "apply", "--filename=-"], { input });
  }

  /** Waits until pods are Ready. */
  async ready(...pods: readonly string[]): Promise<void> {
    await this.kubectl("wait", "pod", ...pods, "--for=condition=Ready", "--timeout=120s");
  }

  /**
   * Waits until an object meets a condition of `kubectl wait`. One program watches the object, where each look of a poll would
   * start one. Throws with the object's status after `timeout` milliseconds.
   */
  async meets(kind: string, name: string, condition: string, timeout = 60_000): Promise<void> {
    const deadline = performance.now() + timeout;
    const wait = (): Promise<string> => {
      const seconds = Math.max(1, Math.ceil((deadline - performance.now()) / 1000));
      return this.kubectl("wait", kind, name, `--for=${condition}`, `--timeout=${seconds}s`);
    };
    // kubectl does not wait for an object that does not exist yet.
    await eventually(wait, timeout).catch(async (cause) => {
      const status = await this.kubectl("get", kind, name, "--output=jsonpath={.status}").catch(String);
      throw new Error(`${kind} ${name} does not meet ${condition}: ${status}`, { cause });
    });
  }

  /** Runs a shell script in a pod and returns what it printed. */
  async exec(pod: string, script: string): Promise<string> {
    return this.kubectl("exec", pod, "--", "sh", "-c", script);
  }
}

/** Repeats a call until it succeeds, or throws the last failure after `timeout` milliseconds. */
export async function eventually<T>(ask: () => Promise<T>, timeout = 60_000): Promise<T> {
  let last: unknown;
  let answer: { value: T } | undefined;
  const asked = async (): Promise<boolean> => {
    try {
      answer = { value: await ask() };
      return true;
    } catch (error) {
      last = error;
      return false;
    }
  };
  await until(asked, timeout).catch(() => {});
  if (!answer) throw last;
  return answer.value;
}

/** Throws while a Pod is ending, or while a list of cgroups names a Pod that is gone: the kubelet is slow with both. */
export async function noPodIsEnding(cgroups: string): Promise<void> {
  const { items } = JSON.parse(await cluster.kubectl(["get", "pods", "--all-namespaces", "--output=json"])) as {
    items: { metadata: { uid: string; name: string; deletionTimestamp?: string } }[];
  };
  const ending = items.find(({ metadata }) => metadata.deletionTimestamp !== undefined);
  if (ending) throw new Error(`pod ${ending.metadata.name} is still there`);
  const uids = new Set(items.map(({ metadata }) => metadata.uid));
  const gone = cgroups.match(/(?<=\/pod)[0-9a-f-]{36}/g)?.find((uid) => !uids.has(uid));
  if (gone) throw new Error(`the kubelet is not done with pod ${gone}`);
}

/** Makes a Pod that runs a shell script in the toolbox image; fields of its spec can be added. */
export function aPod(name: string, script: string, spec: object = {}, container: object = {}): object {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, labels: { app: name } },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: "main",
          image: "localhost/toolbox:latest",
          imagePullPolicy: "Never",
          command: ["sh", "-c", script],
          ...container,
        },
      ],
      ...spec,
    },
  };
}
