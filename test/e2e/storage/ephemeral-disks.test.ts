import { expect, test } from "vitest";
import { cluster, eventually } from "../cluster.ts";
import { useMachines } from "./machines.ts";

const machines = useMachines("ephemeral-disks");
const { namespace } = machines;
const mebi = 1024 ** 2;

const data = { name: "data", emptyDisk: { capacity: "512Mi" } };
const limitedTo = (limit: string): object => ({
  domain: {
    memory: { guest: "160Mi" },
    devices: {},
    resources: { limits: { "ephemeral-storage": limit }, requests: { "ephemeral-storage": "1Mi" } },
  },
});

interface Summary {
  readonly pods: readonly {
    readonly podRef: { readonly name: string; readonly namespace: string };
    readonly "ephemeral-storage"?: { readonly usedBytes: number };
  }[];
}

/** Bytes that the kubelet counts as a machine's pod's. */
async function countedOf(name: string): Promise<number> {
  const path = `/api/v1/nodes/${machines.node.name}/proxy/stats/summary`;
  const { pods } = JSON.parse(await cluster.kubectl(["get", "--raw", path])) as Summary;
  const { podName } = await placeholderOf(name);
  const pod = pods.find(({ podRef }) => podRef.namespace === namespace.name && podRef.name === podName);
  return pod?.["ephemeral-storage"]?.usedBytes ?? 0;
}

interface Placeholder {
  readonly podName: string;
  /** What its container may use of ephemeral storage, and what was asked for it. */
  readonly limit: string | undefined;
  readonly request: string | undefined;
}

async function placeholderOf(name: string): Promise<Placeholder> {
  const pods = await namespace.kubectl("get", "pods", `--selector=vm.kubevirt.io/name=${name}`, "--output=json");
  const [pod] = (JSON.parse(pods) as { items: Pod[] }).items;
  if (!pod) throw new Error(`${name} has no placeholder`);
  const { limits, requests } = pod.spec.containers.find((one) => one.name === "compute")?.resources ?? {};
  return {
    podName: pod.metadata.name,
    limit: limits?.["ephemeral-storage"],
    request: requests?.["ephemeral-storage"],
  };
}

interface Pod {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly containers: readonly {
      readonly name: string;
      readonly resources?: Readonly<Record<"limits" | "requests", Readonly<Record<string, string>> | undefined>>;
    }[];
  };
}

const fill = (mebibytes: number): string => `dd if=/dev/zero of=/dev/vdb bs=1M count=${mebibytes}; sync`;

test("what a guest writes is counted as its pod's, and nothing of it lies in the daemon's own folder", async () => {
  await machines.apply(machines.machine("writer", [data]));
  await machines.until("writer", "Running");
  await machines.inGuest("writer", fill(64));
  const own = await machines.daemon.sh("du --one-file-system --summarize --block-size=1 /var/lib/kubevirt-node/*-*");
  expect(Number.parseInt(own, 10)).toBeLessThan(4 * mebi);
  await eventually(async () => expect(await countedOf("writer")).toBeGreaterThan(64 * mebi));
  // What a machine leaves is nobody's, as soon as it has ended.
  await machines.remove("writer");
  await eventually(async () => expect(await machines.nodeState()).not.toMatch(/kubevirt-node\/[^.]/));
});

test("a guest that writes more than its limit ends by itself, and says why; its neighbour goes on", async () => {
  const once = { ...limitedTo("16Mi") };
  await machines.apply(
    machines.machine("greedy", [data], once),
    machines.machine("modest", [data], limitedTo("128Mi")),
  );
  for (const name of ["greedy", "modest"]) await machines.until(name, "Running");
  const before = [await machines.read("greedy"), await machines.read("modest")];
  expect(await placeholderOf("greedy")).toMatchObject({
    limit: `${16 * mebi + 50_000_000}`,
    request: `${mebi + 50_000_000}`,
  });
  await machines.inGuest("modest", fill(64));
  await machines.startInGuest("greedy", fill(128));
  // The machine is started anew, with an empty disk: runStrategy is Always.
  const events = await eventually(async () => {
    const { metadata } = await machines.read("greedy");
    expect(metadata.uid).not.toBe(before[0]?.metadata.uid);
    return namespace.kubectl(
      "get",
      "events",
      "--output=json",
      `--field-selector=involvedObject.uid=${before[0]?.metadata.uid}`,
    );
  }, 120_000);
  expect(events).toMatch(/ephemeral/i);
  const modest = await machines.read("modest");
  expect(modest.metadata.uid).toBe(before[1]?.metadata.uid);
  expect(modest.status?.phase).toBe("Running");
  await machines.remove("greedy", "modest");
});

test("quota and LimitRange of a namespace hold for what guests write", async () => {
  const limits = [
    {
      type: "Container",
      default: { "ephemeral-storage": "100Mi" },
      defaultRequest: { "ephemeral-storage": "1Mi" },
    },
  ];
  await machines.apply(
    { apiVersion: "v1", kind: "LimitRange", metadata: { name: "disks" }, spec: { limits } },
    {
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: { name: "disks" },
      spec: { hard: { "limits.ephemeral-storage": "150Mi" } },
    },
  );
  const quota = (path: string): Promise<string> =>
    namespace.kubectl("get", "quota", "disks", `--output=jsonpath=${path}`);
  await eventually(async () => expect(await quota("{.status.hard}")).not.toBe(""));
  await machines.apply(machines.machine("first", [data]));
  await machines.until("first", "Running");
  expect(await placeholderOf("first")).toMatchObject({ limit: "100Mi", request: "1Mi" });
  expect(await quota("{.status.used}")).toContain('"100Mi"');
  await machines.apply(machines.machine("second", [data]));
  await machines.condition(
    "second",
    "Synchronized",
    "exceeded quota: disks, requested: limits.ephemeral-storage=100Mi",
  );
  await machines.remove("first", "second");
  await namespace.kubectl("delete", "quota,limitrange", "disks");
});
