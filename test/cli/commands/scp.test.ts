import { expect, test } from "vitest";
import { useCommandLine } from "../command-line.ts";

const virt = useCommandLine();

test.for([
  [["a"], '"a" is the only path; a source and a destination are needed'],
  [["a", "b"], "no path is in a machine; one side has the form NAME:PATH"],
  [["./a:b", "/c:d"], "no path is in a machine; one side has the form NAME:PATH"],
  [["web:a", "db:b"], '"web" and "db": all paths must be in one machine'],
  [["web:a", "web:b"], "either all sources or the destination are in the machine"],
  [["web:a", "b", "c"], "either all sources or the destination are in the machine"],
  [["a", "@web:b"], '"@web" has no user before the @'],
  [["a", "pod/web:b"], 'unknown type "pod" in "pod/web"; there are vm and vmi'],
] as const)("paths that cannot be copied are refused: %j", async ([paths, message]) => {
  expect(await virt.run("scp", ...paths)).toEqual({ code: 1, stdout: "", stderr: `error: ${message}\n` });
});
