import { execa } from "execa";
import { expect, test } from "vitest";
import { shellText } from "../../../cli/remote/remote-command.ts";

/** What a login shell makes of a command. */
const inShell = (text: string) => execa("sh", ["-c", text], { reject: false, stripFinalNewline: false });

test.for([
  [["a b", "c"]],
  [["it's", "$HOME", "`id`", "\\", '"', ""]],
  [["-n", "--", "*", "~", "#x", "a=b", "two\nlines"]],
])("a shell passes the words on as they are: %j", async ([words]) => {
  const { stdout } = await inShell(shellText({ words: ["printf", "[%s]", ...(words ?? [])], env: {} }));
  expect(stdout).toBe((words ?? []).map((word) => `[${word}]`).join(""));
});

test("a word with an equals sign is a program, not a variable of the shell", async () => {
  expect((await inShell(shellText({ words: ["a=b"], env: {} }))).exitCode).toBe(127);
});

test("variables and the folder are the command's", async () => {
  const text = shellText({
    words: ["sh", "-c", 'echo "$A|$B|$PWD"'],
    env: { A: "it's $B", B: "" },
    folder: "/usr/lib",
  });
  expect((await inShell(text)).stdout).toBe("it's $B||/usr/lib\n");
});

test.for([
  [["sh", "-c", "exit 3"], 3],
  [["sh", "-c", "kill -KILL $$"], 137],
  [["/no/such/program"], 127],
] as const)("the exit code is the command's: %j", async ([words, code]) => {
  expect((await inShell(shellText({ words, env: {} }))).exitCode).toBe(code);
});

test("a folder that is not there is a failure, and the command does not run", async () => {
  const { exitCode, stdout } = await inShell(shellText({ words: ["echo", "ran"], env: {}, folder: "/no/such" }));
  expect({ failed: exitCode !== 0, stdout }).toEqual({ failed: true, stdout: "" });
});
