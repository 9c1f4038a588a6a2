import type { Cluster } from "../cluster/cluster.ts";

/**
 * Creates pods of the hold image one after another and returns how long each took from the create call to being seen
 * Ready through the API, in milliseconds: the floor for whatever is placed by a pod.
 */
export async function podToReady(cluster: Cluster, count: number): Promise<number[]> {
  const samples: number[] = [];
  // One more at first, not counted: it warms what is loaded once.
  for (let number = 0; number <= count; number += 1) {
    const name = `pause-${number}`;
    const manifest = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [{ name: "hold", image: "localhost/hold:latest", imagePullPolicy: "Never" }],
      },
    };
    const since = performance.now();
    await cluster.kubectl(["create", "--filename=-"], { input: JSON.stringify(manifest) });
    await cluster.kubectl(["wait", `pod/${name}`, "--for=condition=Ready", "--timeout=60s"]);
    if (number > 0) samples.push(performance.now() - since);
    await cluster.kubectl(["delete", "pod", name]);
  }
  return samples;
}
