import { expect, test } from "vitest";
import { useCommandLine } from "../command-line.ts";

const virt = useCommandLine();

// A timer takes 596 hours.
test.for(["600h", "0", "99999999999999"])("a console waits for %s", async (time) => {
  virt.api.replay = "login:";
  expect(await virt.run("console", "web", "--until", "login:", "--timeout", time)).toEqual({
    code: 0,
    stdout: "login:",
    stderr: "",
  });
});

test.for(["600h", "0", "99999999999999"])("a request may take %s", async (time) => {
  expect(await virt.run("get", "web", "-o", "name", "--request-timeout", time)).toEqual({
    code: 0,
    stdout: "virtualmachine.kubevirt.io/web\n",
    stderr: "",
  });
});
