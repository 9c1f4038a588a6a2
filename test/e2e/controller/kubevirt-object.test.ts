import { expect, test } from "vitest";
import type { KubeVirt } from "../../../api/resources.ts";
import { cluster, eventually } from "../cluster.ts";
import { useStage } from "./stage.ts";

useStage("kubevirt-object");

const kv = (...args: string[]): Promise<string> => cluster.kubectl([...args, "--namespace=kubevirt"]);
const read = async (): Promise<KubeVirt> => JSON.parse(await kv("get", "kubevirts", "kubevirt", "--output=json"));
const patched = (patch: object, ...args: string[]): Promise<string> =>
  kv("patch", "kubevirts", "kubevirt", "--type=merge", `--patch=${JSON.stringify(patch)}`, ...args);

test("there is one object by which clients find the installation, and its status says that all is well", async () => {
  await eventually(() => kv("wait", "kubevirts/kubevirt", "--for=condition=Available", "--timeout=10s"));
  expect(JSON.parse(await cluster.kubectl(["get", "kv", "--all-namespaces", "--output=json"])).items).toHaveLength(1);
  const { metadata, status } = await read();
  expect(status).toMatchObject({
    observedGeneration: metadata.generation,
    observedKubeVirtVersion: "v1.9.0",
    targetKubeVirtVersion: "v1.9.0",
    defaultArchitecture: "amd64",
  });
  const conditions = status?.conditions?.map(({ type, status: is }) => `${type}=${is}`);
  expect(conditions).toEqual([
    "Available=True",
    "Progressing=False",
    "Degraded=False",
    "Created=True",
    "SettingsInForce=True",
  ]);
});

test("settings are taken, and who sets them is told that nothing comes of them", async () => {
  const verbosity = { configuration: { developerConfiguration: { logVerbosity: { virtAPI: 5 } } } };
  await patched({ spec: verbosity });
  await eventually(async () => {
    const { metadata, spec, status } = await read();
    expect(spec).toEqual(verbosity);
    expect(status?.observedGeneration).toBe(metadata.generation);
    expect(status?.conditions).toContainEqual(
      expect.objectContaining({
        type: "SettingsInForce",
        status: "False",
        message: "not supported: spec.configuration.developerConfiguration.logVerbosity.virtAPI",
      }),
    );
  });
});

test("what others write to its status stays", async () => {
  await patched({ status: { observedDeploymentID: "theirs" } }, "--subresource=status");
  await patched({ spec: { configuration: null } });
  await eventually(async () => {
    const { metadata, status } = await read();
    expect(status).toMatchObject({ observedGeneration: metadata.generation, observedDeploymentID: "theirs" });
  });
});

test("one that is deleted comes back", async () => {
  const { metadata } = await read();
  await kv("delete", "kubevirts", "kubevirt");
  await eventually(async () => expect((await read()).metadata.uid).not.toBe(metadata.uid));
  await kv("wait", "kubevirts/kubevirt", "--for=condition=Available", "--timeout=30s");
});
