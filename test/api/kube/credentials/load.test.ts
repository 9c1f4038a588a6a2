import { mkdir, mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { loadCredentials } from "../../../../api/kube/credentials/load.ts";

const env = { KUBERNETES_SERVICE_HOST: "pod.example", KUBERNETES_SERVICE_PORT: "443" };

let scratch: Awaited<ReturnType<typeof mkdtempDisposable>>;
beforeEach(async () => {
  scratch = await mkdtempDisposable(join(tmpdir(), "load-"));
  vi.stubEnv("HOME", scratch.path);
  vi.stubEnv("KUBECONFIG", undefined);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await scratch[Symbol.asyncDispose]();
});

/** The folder of a service account. */
async function anAccount(): Promise<string> {
  const folder = join(scratch.path, "serviceaccount");
  await mkdir(folder);
  for (const name of ["token", "ca.crt", "namespace"]) await writeFile(join(folder, name), name);
  return folder;
}

/** A kubeconfig that names a server. */
async function aKubeconfig(file: string, server: string): Promise<string> {
  const config = {
    clusters: [{ name: "a", cluster: { server } }],
    users: [{ name: "a", user: {} }],
    contexts: [{ name: "a", context: { cluster: "a", user: "a" } }],
    "current-context": "a",
  };
  await mkdir(join(scratch.path, ".kube"), { recursive: true });
  await writeFile(join(scratch.path, file), JSON.stringify(config));
  return join(scratch.path, file);
}

const serverOf = async (options: Parameters<typeof loadCredentials>[0]): Promise<string> =>
  (await loadCredentials(options)).server.hostname;

test("in a pod, ~/.kube/config goes before the service account for a command, and not for a program of the pod", async () => {
  const pod = { env, folder: await anAccount() };
  await aKubeconfig(".kube/config", "https://home.example");
  expect(await serverOf({ kubeconfigFirst: true, pod })).toBe("home.example");
  expect(await serverOf({ pod })).toBe("pod.example");
});

test("in a pod without a kubeconfig, a command is who the pod's programs are", async () => {
  const pod = { env, folder: await anAccount() };
  expect(await serverOf({ kubeconfigFirst: true, pod })).toBe("pod.example");
  expect(await serverOf({ pod })).toBe("pod.example");
});

test("in a pod without a service account, a command says that there is no kubeconfig, and a program what it lacks", async () => {
  const pod = { env, folder: join(scratch.path, "nothing") };
  await expect(loadCredentials({ kubeconfigFirst: true, pod })).rejects.toThrow("no kubeconfig: ");
  await expect(loadCredentials({ pod })).rejects.toThrow(`reading the service account in ${pod.folder}`);
});

test.for([true, false])("what is named wins in a pod, too (with kubeconfigFirst: %s)", async (kubeconfigFirst) => {
  const pod = { env, folder: await anAccount() };
  const file = await aKubeconfig("named", "https://named.example");
  expect(await serverOf({ file, kubeconfigFirst, pod })).toBe("named.example");
  vi.stubEnv("KUBECONFIG", file);
  expect(await serverOf({ kubeconfigFirst, pod })).toBe("named.example");
  expect(await serverOf({ context: "a", kubeconfigFirst, pod })).toBe("named.example");
});
