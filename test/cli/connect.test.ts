import { mkdir, mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { connect } from "../../cli/connect.ts";

afterEach(() => vi.unstubAllEnvs());

test("a command in a pod is who the user's kubeconfig says, not the pod", async () => {
  await using home = await mkdtempDisposable(join(tmpdir(), "home-"));
  const config = {
    clusters: [{ name: "a", cluster: { server: "https://home.example" } }],
    users: [{ name: "a", user: { token: "mine" } }],
    contexts: [{ name: "a", context: { cluster: "a", user: "a", namespace: "shop" } }],
    "current-context": "a",
  };
  await mkdir(join(home.path, ".kube"));
  await writeFile(join(home.path, ".kube/config"), JSON.stringify(config));
  vi.stubEnv("HOME", home.path);
  vi.stubEnv("KUBECONFIG", undefined);
  vi.stubEnv("KUBERNETES_SERVICE_HOST", "pod.example");
  vi.stubEnv("KUBERNETES_SERVICE_PORT", "443");
  const client = await connect({}, () => {});
  expect(client.namespace).toBe("shop");
  client.close();
});
