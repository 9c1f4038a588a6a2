import { beforeAll, expect, test } from "vitest";
import { useSourcesOnly } from "../add-on.ts";
import { cluster, installDefinitions, type Namespace, useNamespace } from "../cluster.ts";
import { usePlugin } from "./plugin.ts";

useSourcesOnly();
const plugin = usePlugin();
const here = useNamespace("cli-delete");
const elsewhere = useNamespace("cli-delete-elsewhere");

beforeAll(async () => {
  await installDefinitions();
  plugin.flags = ["--kubeconfig", cluster.kubeconfig];
});

const virt = (line: string, input?: string) => plugin.run(line.split(" "), input);
const full = (...names: readonly string[]): string =>
  names.map((name) => `virtualmachine.kubevirt.io/${name}`).join("\n");
const present = ({ name }: Namespace): Promise<string> =>
  cluster.kubectl(["get", "vm", "--output=name", `--namespace=${name}`]);

/** A machine that does not run. */
function aMachine(name: string, metadata: object = {}): object {
  return {
    apiVersion: "kubevirt.io/v1",
    kind: "VirtualMachine",
    metadata: { name, labels: { app: name }, ...metadata },
    spec: { runStrategy: "Halted", template: { spec: { domain: { devices: {}, memory: { guest: "64Mi" } } } } },
  };
}

test("deletes those with a label, or all of the namespace, and none of another one", async () => {
  const names = ["one", "three", "two"];
  for (const namespace of [here, elsewhere]) await namespace.apply(...names.map((name) => aMachine(name)));
  for (const how of ["client", "server"]) {
    expect(await virt(`delete --all -n ${here.name} -o name --dry-run=${how}`)).toMatchObject({
      code: 0,
      stdout: `${full(...names)}\n`,
    });
  }
  // A script's variable that is not set.
  expect((await plugin.run(["delete", "-l", "", "-n", here.name])).code).toBe(1);
  expect(await present(here)).toBe(full(...names));
  expect((await virt(`delete -l app=one -n ${here.name}`)).stdout).toBe(
    `virtualmachine.kubevirt.io "one" deleted from ${here.name} namespace\n`,
  );
  expect(await present(here)).toBe(full("three", "two"));
  expect((await virt(`delete --all -n ${here.name}`)).code).toBe(0);
  expect(await present(here)).toBe("");
  expect(await present(elsewhere)).toBe(full(...names));
});

test("deletes what a manifest names, where the manifest has it", async () => {
  const manifest = (...machines: readonly object[]): string =>
    machines.map((one) => JSON.stringify(one)).join("\n---\n");
  for (const namespace of [here, elsewhere]) await namespace.apply(aMachine("web"), aMachine("other"));
  const there = manifest(aMachine("web", { namespace: elsewhere.name }));
  expect(await virt(`delete -n ${here.name} -f -`, there)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`"${elsewhere.name}" does not match the namespace "${here.name}"`),
  });
  expect(await virt("delete -f -", manifest(aMachine("", { generateName: "web-" })))).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("a VirtualMachine without metadata.name"),
  });
  expect(await virt("delete -f -", there)).toMatchObject({
    code: 0,
    stdout: `virtualmachine.kubevirt.io "web" deleted from ${elsewhere.name} namespace\n`,
  });
  expect(await present(here)).toBe(full("other", "web"));
  expect(await present(elsewhere)).not.toContain("/web");
  expect((await virt(`delete -n ${here.name} -f -`, manifest(aMachine("web"), aMachine("other")))).code).toBe(0);
  expect(await present(here)).toBe("");
});
