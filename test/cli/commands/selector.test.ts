import { expect, test } from "vitest";
import { aMachine } from "../../e2e/cli/fake-api.ts";
import { useCommandLine } from "../command-line.ts";

const virt = useCommandLine();
const machines = "/apis/kubevirt.io/v1/namespaces/default/virtualmachines";

test.for([
  [["delete", "-l", ""]],
  [["delete", "vm,vmi", "--selector", " "]],
  [["stop", "--selector="]],
  [["restart", "vm", "-l", "  "]],
  [["pause", "-l", ""]],
] as const)("%j chooses no machine, and no server is asked for any", async ([words]) => {
  const { code, stderr } = await virt.run(...words);
  expect([code, stderr]).toEqual([1, expect.stringMatching(/^error: which virtual machine\? Give a NAME, /)]);
  expect(virt.api.requests).toEqual([]);
});

test.for([
  [["delete", "web", "--dry-run=client", "-o", "name", "-l", ""]],
  [["stop", "web", "--dry-run=client", "-o", "name", "--selector="]],
  [["delete", "--all", "--dry-run=client", "-o", "name", "-l", " "]],
  [["get", "web", "-o", "name", "-l", "", "--field-selector="]],
  [["get", "-o", "name", "-l", " ", "--field-selector", " "]],
] as const)("%j is as without a selector", async ([words]) => {
  const body = JSON.stringify({ metadata: {}, items: [aMachine("Always", "Running")] });
  virt.api.answers.set(`GET ${machines}?limit=50`, { status: 200, body });
  expect(await virt.run(...words)).toEqual({ code: 0, stdout: "virtualmachine.kubevirt.io/web\n", stderr: "" });
});
