import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { ConfigurationError } from "../../../../api/kube/client/errors.ts";
import { inCluster } from "../../../../api/kube/credentials/in-cluster.ts";

const env = { KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "443" };

async function aServiceAccount(folder: string, files: Record<string, string> = {}): Promise<void> {
  const all = { token: "one\n", "ca.crt": "authority", namespace: "vms", ...files };
  for (const [name, text] of Object.entries(all)) await writeFile(join(folder, name), text);
}

test("a pod's service account says where the API server is and who we are", async () => {
  await using scratch = await mkdtempDisposable(join(tmpdir(), "account-"));
  await aServiceAccount(scratch.path);
  const credentials = await inCluster({ folder: scratch.path, env });
  expect(credentials.server.href).toBe("https://[fd00::1]/");
  expect(credentials.namespace).toBe("vms");
  expect(await credentials.access()).toEqual({
    headers: { authorization: "Bearer one" },
    tls: { ca: Buffer.from("authority") },
  });
});

test("a token that the kubelet replaced is read within a minute, or at once when the old one is refused", async () => {
  await using scratch = await mkdtempDisposable(join(tmpdir(), "account-"));
  await aServiceAccount(scratch.path);
  vi.useFakeTimers({ toFake: ["performance"] });
  try {
    const credentials = await inCluster({ folder: scratch.path, env });
    const first = await credentials.access();
    await aServiceAccount(scratch.path, { token: "two" });
    expect(await credentials.access()).toBe(first);
    vi.advanceTimersByTime(61_000);
    const second = await credentials.access();
    expect(second.headers).toEqual({ authorization: "Bearer two" });
    // The same object, so that connections are kept.
    expect(second.tls).toBe(first.tls);
    expect(await credentials.refused()).toBe(false);
    await aServiceAccount(scratch.path, { token: "three", "ca.crt": "another" });
    expect(await credentials.refused()).toBe(true);
    expect(await credentials.access()).toEqual({
      headers: { authorization: "Bearer three" },
      tls: { ca: Buffer.from("another") },
    });
  } finally {
    vi.useRealTimers();
  }
});

test("outside of a pod it says so", async () => {
  await expect(inCluster({ env: {} })).rejects.toBeInstanceOf(ConfigurationError);
  await expect(inCluster({ env, folder: "/nonexistent" })).rejects.toThrow("/nonexistent");
});
