import { describe, expect, test } from "vitest";
import { aMachine, anInstance, status } from "../../e2e/cli/fake-api.ts";
import { useCommandLine } from "../command-line.ts";

const virt = useCommandLine();
const refused = (state: string) => ({ code: 1, stdout: "", stderr: `error: web is not running${state}\n` });
const prefix = "GET /apis/kubevirt.io/v1/namespaces/default";

describe.for([
  ["port-forward", ":80", /^Forwarding from 127\.0\.0\.1:\d+\/tcp to 80 of web\n$/],
  ["vnc", "--proxy-only", /^\{"port":\d+\}\n$/],
] as const)("%s", ([command, how, ready]) => {
  const words = (name: string): string[] => [command, name, how];
  const untilReady = (name: string) => virt.runUntil((printed) => ready.test(printed), ...words(name));

  test.for(["web", "vm/web", "vmi/web"])("a local port leads to %s, which runs", async (name) => {
    expect(await untilReady(name)).toEqual({ code: 130, stdout: expect.stringMatching(ready), stderr: "" });
  });

  test.for([
    ["nope", "virtualmachines"],
    ["vmi/nope", "virtualmachineinstances"],
  ])("no local port leads to %s, which is not there", async ([name = "", plural]) => {
    expect(await virt.run(...words(name))).toEqual({
      code: 1,
      stdout: "",
      stderr: `Error from server (NotFound): ${plural}.kubevirt.io "nope" not found\n`,
    });
  });

  test("no local port leads to a machine that does not run", async () => {
    virt.api.instance = anInstance("Scheduling");
    expect(await virt.run(...words("web"))).toEqual(refused(" (Scheduling)"));
    virt.api.instance = undefined;
    virt.api.machine = aMachine("Halted", "Stopped");
    expect(await virt.run(...words("web"))).toEqual(refused(" (Stopped)"));
  });

  test("no state is shown of a machine that the user may not read", async () => {
    virt.api.instance = undefined;
    virt.api.answers.set(`${prefix}/virtualmachines/web`, status(403, "Forbidden", "you may not"));
    expect(await virt.run(...words("vm/web"))).toEqual(refused(""));
  });

  test.for([undefined, {}])("no state is shown of an object with the status %j", async (none) => {
    virt.api.instance = { ...anInstance("Running"), status: none };
    expect(await virt.run(...words("web"))).toEqual(refused(""));
    virt.api.instance = undefined;
    virt.api.machine = { ...aMachine("Always", "Running"), status: none };
    expect(await virt.run(...words("web"))).toEqual(refused(""));
  });

  test("who may not look at a machine may still connect to it", async () => {
    virt.api.answers.set(`${prefix}/virtualmachineinstances/web`, status(403, "Forbidden", "you may not"));
    expect(await untilReady("web")).toMatchObject({ code: 130, stderr: "" });
  });
});
