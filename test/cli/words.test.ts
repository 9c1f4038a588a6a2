import type { Command } from "commander";
import { expect, test } from "vitest";
import type { Runner } from "../../cli/command.ts";
import { prepare, program } from "../../cli/program.ts";
import { wordsOf } from "../../cli/words.ts";
import { useCommandLine } from "./command-line.ts";

const virt = useCommandLine();

/** What a command line gives to its command: some of the flags, or `args`. */
async function readOf(words: readonly string[], names: readonly string[]): Promise<Record<string, unknown>> {
  let read: Record<string, unknown> = {};
  const runner: Runner =
    () =>
    async (...given) => {
      const command = given.at(-1) as Command;
      read = { ...command.optsWithGlobals(), args: command.args };
    };
  const root = program(() => {});
  await root.parseAsync(await wordsOf(words, root, (command) => prepare(command, runner)), { from: "user" });
  return Object.fromEntries(names.map((name) => [name, read[name]]));
}

test.for([
  [["ssh", "web", "--command=true"], { command: "true" }],
  [["ssh", "web", "-c", "--x=false"], { command: "--x=false" }],
  [["ssh", "web", "--command", "--context=other"], { command: "--context=other", context: undefined }],
  [["ssh", "web", "-t", "-n", "-c", "id"], { localSshOpts: ["-n"], command: "id", namespace: undefined }],
  [["console", "web", "--until", "--read-only=true"], { until: "--read-only=true", readOnly: undefined }],
  [["-n=shop", "get", "-l=app=web"], { namespace: "shop", selector: "app=web" }],
  [["-n", "--wait=true", "start", "web"], { namespace: "--wait=true", wait: undefined }],
  [["get", "-Al", "--watch=true"], { allNamespaces: true, selector: "--watch=true", watch: undefined }],
  [["get", "-Alapp=x", "vmi"], { allNamespaces: true, selector: "app=x", args: ["vmi"] }],
] as const)("in %j, what follows a flag is its value", async ([words, expected]) => {
  expect(await readOf(words, Object.keys(expected))).toEqual(expected);
});

test.for([
  [["start", "web", "--wait=true"], { wait: true }],
  [["start", "web", "--wait=false"], { wait: false }],
  [["delete", "web", "--wait=false"], { wait: false }],
  [["delete", "web", "--no-wait=false"], { wait: true }],
  [["get", "--no-headers=true"], { headers: false }],
  [["vnc", "screenshot", "web", "--move-cursor=false"], { moveCursor: false }],
  [["get", "--insecure-skip-tls-verify=false"], { insecureSkipTlsVerify: false }],
  [["get"], { insecureSkipTlsVerify: undefined, headers: true }],
  [["delete", "--", "--wait=false"], { wait: true, args: ["--wait=false"] }],
] as const)("in %j, a switch is on or off", async ([words, expected]) => {
  expect(await readOf(words, Object.keys(expected))).toEqual(expected);
});

test("a text that is waited for may be any word", async () => {
  virt.api.replay = "it is true";
  expect(await virt.run("console", "web", "--until=true")).toEqual({ code: 0, stdout: "it is true", stderr: "" });
});

test("a flag that no command has is told as it was written", async () => {
  expect(await virt.run("get", "--what=false")).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^error: unknown flag: --what=false\n/),
  });
});

test.for([
  [
    ["help", "get"],
    ["get", "--help"],
  ],
  [
    ["-n", "shop", "help", "get"],
    ["--namespace=shop", "get", "--help"],
  ],
  [
    ["--context=other", "help", "vnc", "screenshot"],
    ["--context=other", "vnc", "screenshot", "--help"],
  ],
  [
    ["-n", "shop", "help"],
    ["--namespace=shop", "--help"],
  ],
  [["help"], ["--help"]],
  [
    ["help", "get", "--", "web"],
    ["get", "--help", "--", "web"],
  ],
  [
    ["-n", "help", "get", "help"],
    ["--namespace=help", "get", "help"],
  ],
  [
    ["--", "help"],
    ["--", "help"],
  ],
] as const)("%j is read as %j", async ([words, read]) => {
  const root = program(() => {});
  expect(await wordsOf(words, root, (command) => prepare(command, () => async () => {}))).toEqual(read);
});
