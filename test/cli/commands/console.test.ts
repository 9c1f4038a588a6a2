import { expect, test } from "vitest";
import { aMachine, status } from "../../e2e/cli/fake-api.ts";
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
