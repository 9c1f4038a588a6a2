import { expect, test } from "vitest";
import { useCommandLine } from "../command-line.ts";

const virt = useCommandLine();

test.for([
  [["stop", "web", "--force", "--grace-period", "5"]],
  [["stop", "--all", "--grace-period=1", "--force", "--dry-run=client"]],
  [["delete", "web", "--force", "--grace-period=5"]],
  [["delete", "-l", "app=web", "--grace-period", "5", "--force", "--dry-run=server"]],
] as const)("%j contradicts itself, and no server is asked for anything", async ([words]) => {
  expect(await virt.run(...words)).toEqual({
    code: 1,
    stdout: "",
    stderr: "error: --force and --grace-period greater than 0 cannot be specified together\n",
  });
  expect(virt.api.requests).toEqual([]);
});

test("a restart leaves a guest no seconds in a dry run either", async () => {
  expect(await virt.run("restart", "web", "--grace-period=5", "--dry-run=client")).toEqual({
    code: 1,
    stdout: "",
    stderr: 'error: invalid argument "5" for "--grace-period" flag: only 0 is possible here\n',
  });
});

test.for([["--force", "--grace-period=0"], ["--grace-period=5", "--force=false"], ["--grace-period=5"]] as const)(
  "%j do not contradict each other",
  async (flags) => {
    for (const command of ["stop", "delete"]) {
      expect(await virt.run(command, "web", ...flags, "--dry-run=client", "-o", "name")).toEqual({
        code: 0,
        stdout: "virtualmachine.kubevirt.io/web\n",
        stderr: "",
      });
    }
  },
);
