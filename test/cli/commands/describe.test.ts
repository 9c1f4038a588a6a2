import { expect, test } from "vitest";
import { aMachine, anInstance } from "../../e2e/cli/fake-api.ts";
import { useCommandLine } from "../command-line.ts";

const virt = useCommandLine();
const prefix = "GET /apis/kubevirt.io/v1/namespaces/default";

test.for(["vm,vmi", "vmi,vm", "vmi"])("all of %s are described", async (kinds) => {
  const listOf = (item: object) => ({ status: 200, body: JSON.stringify({ metadata: {}, items: [item] }) });
  virt.api.answers.set(`${prefix}/virtualmachines?limit=500`, listOf(aMachine("Always", "Running")));
  virt.api.answers.set(`${prefix}/virtualmachineinstances?limit=500`, listOf(anInstance("Running")));
  const { code, stdout } = await virt.run("describe", kinds, "--no-events");
  // Only a machine has a strategy.
  const told = stdout.split("\n\n\n").map((text) => (text.includes("Run Strategy:") ? "vm" : "vmi"));
  expect([code, told]).toEqual([0, kinds.split(",")]);
});

test.for(["get", "describe"])("%s takes names or a selector, not both", async (command) => {
  expect(await virt.run(command, "web", "-l", "app=x")).toEqual({
    code: 1,
    stdout: "",
    stderr: "error: name cannot be provided when a selector is specified\n",
  });
});
