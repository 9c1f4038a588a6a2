import { expect, test } from "vitest";
import { evictionHook } from "../../../api/contract/eviction-hook.ts";
import { cluster, eventually } from "../cluster.ts";
import { useStage } from "./stage.ts";

const stage = useStage("evictions");
const { namespace } = stage;

/** Starts an instance without a guest, and returns the name of its pod. */
async function start(name: string, evictionStrategy?: string): Promise<string> {
  await namespace.apply({
    apiVersion: "kubevirt.io/v1",
    kind: "VirtualMachineInstance",
    metadata: { name },
    spec: {
      domain: { memory: { guest: "64Mi" } },
      terminationGracePeriodSeconds: 0,
      ...(evictionStrategy ? { evictionStrategy } : {}),
    },
  });
  await namespace.kubectl("wait", "vmi", name, "--for=jsonpath={.status.phase}=Running", "--timeout=60s");
  return namespace.kubectl(
    "get",
    "pods",
    `--selector=vm.kubevirt.io/name=${name}`,
    "--output=jsonpath={.items[0].metadata.name}",
  );
}

async function evict(pod: string, options: object = {}): Promise<string> {
  const path = `/api/v1/namespaces/${namespace.name}/pods/${pod}/eviction`;
  const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: pod, namespace: namespace.name } };
  return cluster.kubectl(["create", `--raw=${path}`, "--filename=-"], {
    input: JSON.stringify({ ...eviction, ...options }),
  });
}

const leaving = (name: string): Promise<string> => stage.field("vmi", name, ".status.evacuationNodeName");

test("an eviction of a machine that others see to waits for them, and they are told", async () => {
  const pod = await start("theirs", "External");
  const refused = `Eviction triggered evacuation of VMI "${namespace.name}/theirs"`;
  const dryRun = { deleteOptions: { dryRun: ["All"] } };
  // The API server hears of a webhook some time after it is made.
  await eventually(() => expect(evict(pod, dryRun)).rejects.toThrow(refused));
  expect(await leaving("theirs")).toBe("");
  await expect(evict(pod)).rejects.toThrow(refused);
  expect(await leaving("theirs")).toBe(await stage.field("vmi", "theirs", ".status.nodeName"));
  expect(await stage.field("vmi", "theirs", ".status.phase")).toBe("Running");
  await namespace.kubectl("delete", "vmi", "theirs");
});

test("any other machine is evicted at once", async () => {
  await evict(await start("ours"));
  await eventually(async () => expect(await stage.field("vmi", "ours", ".status.phase")).toBe("Failed"));
});

test("nobody but the API server can say that an eviction was asked for", async () => {
  const pod = await start("quiet", "External");
  const review = {
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    request: { uid: "1", namespace: namespace.name, name: pod },
  };
  const tell = (path: string): Promise<string> =>
    cluster.kubectl(["create", `--raw=${path}`, "--filename=-"], { input: JSON.stringify(review) });
  await expect(tell(evictionHook.path)).rejects.toThrow("only the API server itself tells of evictions");
  const direct = `/api/v1/namespaces/kubevirt/services/https:virt-api:443/proxy${evictionHook.path}`;
  await expect(tell(direct)).rejects.toThrow("Unauthorized");
  expect(await leaving("quiet")).toBe("");
});
