import { expect, test } from "vitest";
import { useCommandLine } from "../command-line.ts";

const virt = useCommandLine();

test.for([
  [["run", "--image=x"], "a COMMAND is needed, after --"],
  [["run", "--", "true"], 'required flag "image" not set: the image that holds the root disk'],
  [["run", "a", "b", "--image=x", "--", "true"], '"b": the command comes after --'],
  [
    ["run", "--image=x", "--copy=file", "--", "true"],
    'invalid argument "file" for "--copy" flag: "file" is not local:remote',
  ],
  [
    ["run", "--image=x", "--artifact=:file", "--", "true"],
    'invalid argument ":file" for "--artifact" flag: ":file" is not remote:local',
  ],
  [
    ["run", "--image=x", "--env=1=2", "--", "true"],
    'invalid argument "1=2" for "--env" flag: "1" is no name of a variable',
  ],
  [
    ["run", "--image=x", "--env=NOT_SET_HERE", "--", "true"],
    'invalid argument "NOT_SET_HERE" for "--env" flag: NOT_SET_HERE is not set here',
  ],
  [
    ["run", "--image=x", "--timeout=soon", "--", "true"],
    'invalid argument "soon" for "--timeout" flag: it must be a duration such as 30s, 5m or 1m30s',
  ],
  [
    ["run", "--image=x", "--cloud-init=-", "--", "true"],
    "with --cloud-init, --user names the user that runs the command: cloud-init's default user",
  ],
  [
    ["run", "--image=x", "--keep", "--keep-on-failure", "--", "true"],
    "--keep and --keep-on-failure exclude each other",
  ],
  [["exec", "web"], "a COMMAND is needed, after --"],
  [["exec", "@web", "--", "true"], '"@web" has no user before the @'],
] as const)("a mistake is a failure of the tool, and nothing is made: %j", async ([words, message]) => {
  expect(await virt.run(...words)).toEqual({ code: 125, stdout: "", stderr: `error: ${message}\n` });
  expect(virt.api.requests).toEqual([]);
});

test("an unknown flag is no exit code of a command", async () => {
  expect((await virt.run("run", "--image=x", "--nonsense", "--", "true")).code).toBe(125);
});
