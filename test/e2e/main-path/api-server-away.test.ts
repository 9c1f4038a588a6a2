import { afterAll, expect, test } from "vitest";
import { progress } from "../../../cluster/progress.ts";
import { up } from "../../../cluster/up.ts";
import { useAddOn } from "../add-on.ts";
import { cluster, eventually, nodes } from "../cluster.ts";

useAddOn();

const [node] = nodes;
const programs = { "virt-handler": 8187, "virt-controller": 8443 } as const;

const mended = (): Promise<void> => up(cluster, { nodes: 2 }, progress({ live: false, quietBelow: 1e9 }));
afterAll(mended);

/** Where each of our pods answers, and how often its container was started anew. */
async function pods(): Promise<Map<string, number>> {
  const selector = `--selector=kubevirt.io in (${Object.keys(programs).join(",")})`;
  const { items } = JSON.parse(
    await cluster.kubectl(["get", "pods", "--namespace=kubevirt", selector, "--output=json"]),
  );
  const found = items.map(
    ({ metadata, status }: { metadata: { labels: Record<string, string> }; status: PodStatus }) => {
      const port = programs[metadata.labels["kubevirt.io"] as keyof typeof programs];
      return [`https://${status.podIP}:${port}`, status.containerStatuses[0]?.restartCount] as const;
    },
  );
  return new Map(found);
}

interface PodStatus {
  podIP: string;
  containerStatuses: { restartCount: number }[];
}

const asked = (place: string, path: string): Promise<string> =>
  node.bundle.run(["curl", "--silent", "--insecure", `${place}${path}`]);

test("while the API server is away our programs are not ready, with the reason, and none is to be restarted", async () => {
  // A pod that was replaced before the test may still be on its way out.
  const before = await eventually(async () => {
    const found = await pods();
    expect(found.size).toBe(3);
    return found;
  });
  for (const place of before.keys()) await eventually(async () => expect(await asked(place, "/readyz")).toBe("ok"));
  for (const { pid, program } of await cluster.controlPlane.processes()) {
    if (program.endsWith("/kube-apiserver")) process.kill(pid, "SIGKILL");
  }
  for (const place of before.keys()) {
    await eventually(async () => expect(await asked(place, "/readyz")).toContain("the API server is out of reach: "));
    expect(await asked(place, "/healthz")).toBe("ok");
  }
  await mended();
  for (const place of before.keys()) await eventually(async () => expect(await asked(place, "/readyz")).toBe("ok"));
  // A controller that may have lost its leadership begins anew; that is no matter of health.
  const daemons = (all: Map<string, number>): object => [...all].filter(([place]) => place.endsWith(":8187"));
  expect(daemons(await pods())).toEqual(daemons(before));
});
