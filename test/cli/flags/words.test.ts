import type { Command } from "commander";
import { expect, test } from "vitest";
import type { Runner } from "../../../cli/command.ts";
import { commanderWords } from "../../../cli/flags/words.ts";
import { prepare, program } from "../../../cli/program.ts";
import { useCommandLine } from "../command-line.ts";

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
  await root.parseAsync(await commanderWords(words, root, (command) => prepare(command, runner)), { from: "user" });
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

// test/e2e/cli/flags.test.ts asks kubectl the same of those flags that it has, too.
test.for([
  [["get", "-n=web"], { namespace: "web" }],
  [["get", "-nweb"], { namespace: "web" }],
  [["get", "-n", "web"], { namespace: "web" }],
  [["get", "-n="], { namespace: "=" }],
  [["get", "-n=="], { namespace: "=" }],
  [["get", "--namespace="], { namespace: "" }],
  [["get", "-w=false"], { watch: false }],
  [["get", "-w=0"], { watch: false }],
  [["get", "-w=T"], { watch: true }],
  [["get", "-w", "-w=false"], { watch: false }],
  [["get", "-w=false", "--watch"], { watch: true }],
  [["get", "--watch=F"], { watch: false }],
  [["get", "--watch", "false"], { watch: true, args: ["false"] }],
  [["get", "-Aw"], { allNamespaces: true, watch: true }],
  [["get", "-Aw=false"], { allNamespaces: true, watch: false }],
  [["get", "-Aoname"], { allNamespaces: true, output: "name" }],
  [["get", "-Ao", "name"], { allNamespaces: true, output: "name" }],
  [["get", "-Ao=name", "vm"], { allNamespaces: true, output: "name", args: ["vm"] }],
  [["get", "--all_namespaces", "--field_selector=a_b=c"], { allNamespaces: true, fieldSelector: "a_b=c" }],
  [["get", "--no-headers"], { headers: false }],
  [["get", "--no-headers=false"], { headers: true }],
  [["get", "vm", "-o", "name", "web"], { output: "name", args: ["vm", "web"] }],
  [["get", "-", "", "vm"], { args: ["-", "", "vm"] }],
  [["get", "vm", "--", "-w", "--", "-n"], { watch: undefined, args: ["vm", "-w", "--", "-n"] }],
  [["get", "-l", "--", "--", "web"], { selector: "--", args: ["web"] }],
  [["-w=false", "get", "vm"], { watch: false, args: ["vm"] }],
  [["--watch", "get", "vm"], { watch: true, args: ["vm"] }],
  [["--output", "name", "get", "vm"], { output: "name", args: ["vm"] }],
  [["-An", "shop", "get"], { allNamespaces: true, namespace: "shop" }],
  [["-o=name", "-n=shop", "get"], { output: "name", namespace: "shop" }],
  [["--move-cursor", "vnc", "-n", "shop", "screenshot", "web"], { moveCursor: true, namespace: "shop", args: ["web"] }],
  [["create", "-f", "-", "-f=-", "-f-", "-fa"], { filename: ["-", "-", "-", "a"] }],
  [["create", "-f", "a,b", "--filename=c"], { filename: ["a", "b", "c"] }],
  [["get", "--as-group=a", "--as-group", "b,c"], { asGroup: ["a", "b,c"] }],
  [["delete", "web", "--dry-run"], { dryRun: "client", args: ["web"] }],
  [["delete", "--dry-run", "web"], { dryRun: "client", args: ["web"] }],
  [["delete", "--dry-run", "none", "web"], { dryRun: "client", args: ["none", "web"] }],
  [["delete", "--dry-run", "server", "web"], { dryRun: "client", args: ["server", "web"] }],
  [["delete", "--cascade", "orphan", "web"], { cascade: "background", args: ["orphan", "web"] }],
  [["delete", "--dry-run=none", "--cascade", "web"], { dryRun: "none", cascade: "background", args: ["web"] }],
  [["delete", "--cascade=orphan", "web"], { dryRun: "none", cascade: "orphan", args: ["web"] }],
  [["delete", "web"], { dryRun: "none", cascade: "background" }],
] as const)("%j is read as kubectl reads it", async ([words, expected]) => {
  expect(await readOf(words, Object.keys(expected))).toEqual(expected);
});

test.for([
  [["get", "-w=x"], 'invalid argument "x" for "-w, --watch" flag: it must be true or false'],
  [["get", "--watch="], 'invalid argument "" for "-w, --watch" flag: it must be true or false'],
  [["get", "-w="], "unknown shorthand flag: '=' in -="],
  [["get", "-Axy"], "unknown shorthand flag: 'x' in -xy"],
  [["get", "-n"], "flag needs an argument: 'n' in -n"],
  [["get", "-An"], "flag needs an argument: 'n' in -n"],
  [["get", "--namespace"], "flag needs an argument: --namespace"],
  [["get", "---watch"], "bad flag syntax: ---watch"],
  [["get", "--=x"], "bad flag syntax: --=x"],
  [["get", "--wach"], "unknown flag: --wach\n(Did you mean --watch?)"],
] as const)("%j is a mistake: %s", async ([words, message]) => {
  expect(await virt.run(...words)).toMatchObject({
    code: 1,
    stderr: `error: ${message}\nSee 'kubectl virt get --help' for usage.\n`,
  });
});

test.for(["none", "server"])("the word %s after --dry-run is a machine's name, so nothing is deleted", async (name) => {
  expect(await virt.run("delete", "--dry-run", name, "web")).toMatchObject({
    code: 1,
    stdout: 'virtualmachine.kubevirt.io "web" deleted from default namespace (dry run)\n',
    stderr: expect.stringContaining(`"${name}" not found`),
  });
  expect(virt.api.requests.filter((request) => !request.startsWith("GET "))).toEqual([]);
});

test("the help shows that an optional value needs =", async () => {
  const command = program(() => {}).commands.find((one) => one.name() === "delete")!;
  await prepare(command, () => async () => {});
  expect(command.helpInformation()).toMatch(/^ +--cascade\[=how\] .*^ +--dry-run\[=how\] /ms);
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
    ["get", "--namespace=shop", "--help"],
  ],
  [
    ["--context=other", "help", "vnc", "screenshot"],
    ["vnc", "screenshot", "--context=other", "--help"],
  ],
  [
    ["-n", "shop", "help"],
    ["--namespace=shop", "--help"],
  ],
  [["help"], ["--help"]],
  [
    ["help", "get", "--", "-w"],
    ["get", "--help", "--", "-w"],
  ],
  [
    ["-n", "help", "get", "help"],
    ["get", "--namespace=help", "help"],
  ],
  [["--", "help"], ["help"]],
] as const)("%j is read as %j", async ([words, read]) => {
  const root = program(() => {});
  expect(await commanderWords(words, root, (command) => prepare(command, () => async () => {}))).toEqual(read);
});
