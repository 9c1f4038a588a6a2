import { afterAll, beforeAll } from "vitest";
import { Cluster } from "../../cluster/cluster.ts";
import { until } from "../../cluster/component.ts";
import { clusterName } from "./workers.ts";

/** The cluster that the e2e tests of a worker share, one file after another; `global-setup.ts` starts it. */
export const cluster = new Cluster(clusterName(Number(process.env.VITEST_POOL_ID ?? 1)));

/** Its two nodes. */
export const nodes = [cluster.node(1), cluster.node(2)] as const;

/** Gives the cluster the definitions of the kinds, and waits until it serves them. */
export async function installDefinitions(): Promise<void> {
  await cluster.kubectl(["apply", "--server-side", "--force-conflicts", "--filename=deploy/manifests/crds"]);
  // kubectl takes one that nobody has looked at yet for an error.
  const established = ["wait", "crd", "--all", "--for=condition=Established", "--timeout=60s"];
  await eventually(() => cluster.kubectl(established));
}

/** A namespace that exists while the tests of a file run, with the Pod Security labels that are given. */
export function useNamespace(name: string, labels: Readonly<Record<string, string>> = {}): Namespace {
  beforeAll(async () => {
    const manifest = { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
    await eventually(async () => {
      await cluster.kubectl(["apply", "--filename=-"], { input: JSON.stringify(manifest) });
      const phase = await cluster.kubectl(["get", "namespace", name, "--output=jsonpath={.status.phase}"]);
      if (phase !== "Active") throw new Error(`namespace ${name} of an earlier run is ${phase}`);
      // Pods are refused until their namespace has its default service account.
      await cluster.kubectl(["get", "serviceaccount", "default", `--namespace=${name}`]);
    });
  });
  afterAll(async () => {
    // What could be in the way of others goes at once. For the rest Kubernetes takes 5 s, which nobody needs to wait for.
    const kinds = "deployments,replicasets,pods,services,persistentvolumeclaims";
    await cluster.kubectl(["delete", kinds, "--all", `--namespace=${name}`]);
    await cluster.kubectl(["delete", "namespace", name, "--wait=false"]);
  });
  return new Namespace(name);
}

/** What a test does in a namespace. */
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

  /** Runs a shell script in a pod and returns what it printed. */
  async exec(pod: string, script: string): Promise<string> {
    return this.kubectl("exec", pod, "--", "sh", "-c", script);
  }
}

/** Asks again until a question has an answer, or throws the last failure after `timeout` milliseconds. */
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

/** Throws while a pod is ending, or a list of cgroups names one that is gone: the kubelet takes its time with both. */
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

/** A pod that runs a shell script in the toolbox image; fields of its spec can be added. */
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
