import { expect, test } from "vitest";
import { aMachine, anInstance, status } from "../../e2e/cli/fake-api.ts";
import { useCommandLine } from "../command-line.ts";

const virt = useCommandLine();
const machine = "GET /apis/kubevirt.io/v1/namespaces/default/virtualmachines/web";

test("a console that waits for an image says so once", async () => {
  virt.api.refusal = status(400, "BadRequest", "VMI is not running");
  virt.api.replay = "login:";
  const states = ["ErrImagePull", "ImagePullBackOff", "ErrImagePull"];
  virt.api.answers.set(machine, (answer) => {
    answer.end(JSON.stringify(aMachine("Always", states.shift()!)));
    // The image is there at last.
    if (states.length === 0) virt.api.refusal = undefined;
  });
  expect(await virt.run("console", "web", "--until", "login:")).toEqual({
    code: 0,
    stdout: "login:",
    stderr: "web is not running yet (ErrImagePull); waiting for it\n",
  });
});

test.for([
  { strategy: "Always", says: "web is not running yet; waiting for it" },
  { strategy: "Halted", says: 'web is not running; waiting for "kubectl virt start web"' },
])("a console shows no state of a new machine: $strategy", async ({ strategy, says }) => {
  virt.api.refusal = status(400, "BadRequest", "VMI is not running");
  virt.api.replay = "login:";
  virt.api.machine = { ...aMachine(strategy, ""), status: {} };
  virt.api.instance = undefined;
  const isTold = (printed: string): boolean => printed.includes("waiting");
  expect(await virt.runUntil(isTold, "console", "web")).toMatchObject({ stderr: `${says}\n` });
  // An instance that has no phase yet changes nothing.
  virt.api.instance = { ...anInstance(""), status: {} };
  const { stderr } = await virt.runUntil(isTold, "console", "web");
  expect(stderr).toBe("web is not running yet; waiting for it\n");
});
