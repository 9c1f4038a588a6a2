import { expect, test } from "vitest";
import { useCommandLine } from "../command-line.ts";

const virt = useCommandLine();
const namespace = "/apis/kubevirt.io/v1/namespaces/default";

test.for([
  [["stop", "vmi", "--all"], "cannot stop vmi: only a virtual machine can be; did you mean vm?"],
  [["restart", "vmi", "-l", "a=b"], "cannot restart vmi: only a virtual machine can be; did you mean vm?"],
  [["start", "vmi/web"], "cannot start vmi/web: only a virtual machine can be; did you mean vm/web?"],
] as const)("%j does nothing to the machines of these instances", async ([words, refusal]) => {
  expect(await virt.run(...words)).toEqual({ code: 1, stdout: "", stderr: `error: ${refusal}\n` });
  expect(virt.api.requests).toEqual([]);
});

test("all instances are paused, whether they have a machine or not", async () => {
  const body = JSON.stringify({ metadata: {}, items: [{ metadata: { name: "alone" } }] });
  virt.api.answers.set(`GET ${namespace}/virtualmachineinstances?limit=50`, { status: 200, body });
  virt.api.answers.set(`GET ${namespace}/virtualmachineinstances/alone`, { status: 200, body: "{}" });
  const { code, stdout } = await virt.run("pause", "vmi", "--all", "--dry-run=client", "-o", "name");
  expect([code, stdout]).toEqual([0, "virtualmachineinstance.kubevirt.io/alone\n"]);
});
