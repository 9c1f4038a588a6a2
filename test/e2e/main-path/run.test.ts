import { createHash, randomBytes } from "node:crypto";
import { copyFile, cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { beforeAll, expect, test } from "vitest";
import { cluster, eventually } from "../cluster.ts";
import { useFolder } from "../network/folder.ts";
import { useStage } from "./stage.ts";

const stage = useStage("run");
const { namespace } = stage;
const folder = useFolder();
const key = () => join(folder.path, "key");

const debian = ["--image=localhost/debian:latest", "--image-pull-policy=Never"];
/** It boots in a moment, and has no SSH server. */
const tiny = ["--image=localhost/tiny:latest", "--image-pull-policy=Never", "--memory=160Mi"];

/** Starts a `kubectl virt` command. */
function virt(words: readonly string[], input = "") {
  const [verb = "", ...rest] = words;
  return execa("kubectl", ["virt", verb, `--namespace=${namespace.name}`, ...rest], {
    env: stage.environment,
    input,
    reject: false,
  });
}

const inGuest = (words: readonly string[], { input = "", flags = [] as string[] } = {}) => {
  const login = ["-lroot", `--identity-file=${key()}`, "--local-ssh-opts=-oStrictHostKeyChecking=no"];
  const known = `--local-ssh-opts=-oUserKnownHostsFile=${join(folder.path, "known")}`;
  return virt(["exec", "job", ...login, known, ...flags, "--", ...words], input);
};

const machineOf = (name: string): Promise<string> =>
  namespace.kubectl("get", "vm", name, "--ignore-not-found", "--output=name");
const exists = (name: string): Promise<void> => eventually(async () => expect(await machineOf(name)).not.toBe(""));
const isGone = (name: string): Promise<void> => eventually(async () => expect(await machineOf(name)).toBe(""), 240_000);

beforeAll(async () => {
  await execa("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key()]);
});

/* These wait most of their time, so they run at once. */

test.concurrent("a command runs in a machine of its own with its input, variables, folder and files", async () => {
  const [source, report] = [join(folder.path, "source"), join(folder.path, "report.xml")];
  await mkdir(source);
  await writeFile(
    join(source, "test.sh"),
    'cat; echo "$FOO $(pwd) $(id -un)"; echo wrong >&2; echo all > report.xml; exit 42\n',
  );
  const copies = [`--copy=${source}:/srv/src`, `--artifact=/srv/src/report.xml:${report}`, "--artifact=/none:/none"];
  const log = join(folder.path, "serial.log");
  const settings = ["--env=FOO=it's $HOME", "--workdir=/srv/src", `--ssh-key=${key()}.pub`, "--keep-on-failure"];
  const { exitCode, stdout, stderr } = await virt(
    ["run", "job", ...debian, ...copies, ...settings, `--log=${log}`, "--", "sh", "./test.sh"],
    "typed\n",
  );
  expect({ exitCode, stdout }, stderr).toEqual({ exitCode: 42, stdout: "typed\nit's $HOME /srv/src root" });
  expect(stderr).toContain("\nwrong\n");
  expect(await readFile(report, "utf8")).toBe("all\n");
  expect(await readFile(log, "utf8")).toContain("Linux version");
  const annotations = await stage.field("vm", "job", ".metadata.annotations");
  expect(annotations).not.toContain("expire-after");
});

test.concurrent("the machine of a run that was killed is gone when nobody renews it", async () => {
  const run = start("killed");
  await exists("killed");
  run.kill("SIGKILL");
  await run;
  expect(await machineOf("killed")).not.toBe("");
  await isGone("killed");
});

test.concurrent.for([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("%s ends a run, and its machine with it", async ([signal, exitCode]) => {
  const name = signal.toLowerCase();
  const run = start(name);
  await exists(name);
  run.kill(signal);
  expect(await run).toMatchObject({ exitCode });
  expect(await machineOf(name)).toBe("");
});

test.concurrent.for([
  [["late-ssh", "--start-timeout=20s"], 125, 'takes no command: SSH did not let in "root" within 20 s'],
  [["late-all", "--timeout=8s"], 124, "timed out after 8.0 s"],
  [["late-place", "--memory=900Gi", "--timeout=6s"], 124, "timed out after 6.0 s"],
  [["late-image", "--image=localhost/none:latest", "--start-timeout=15s"], 125, "did not start"],
] as const)(
  "a run that gets nowhere ends by itself, and leaves nothing: %j",
  async ([[name, ...flags], exitCode, words]) => {
    const ended = await virt(["run", name, ...tiny, ...flags, "--", "true"]);
    expect(ended).toMatchObject({ exitCode });
    expect(ended.stderr.split("\n").at(-1)).toMatch(/^error: /);
    expect(ended.stderr).toContain(words);
    expect(await machineOf(name)).toBe("");
  },
);

test.concurrent("the example's script ends as a failing suite does, and has its reports", async () => {
  const suite = join(folder.path, "suite");
  await cp("examples/ci/suite", suite, { recursive: true });
  const kubeconfig = join(folder.path, "kubeconfig");
  await copyFile(cluster.kubeconfig, kubeconfig);
  const env = { ...stage.environment, KUBECONFIG: kubeconfig, IMAGE: "localhost/debian:latest", MEMORY: "512Mi" };
  await execa("kubectl", ["config", "set-context", "--current", `--namespace=${namespace.name}`], { env });
  const command = ["env", "EXTRA_CHECK=false", "./run.sh"];
  const { exitCode, stderr } = await execa("examples/ci/run-tests.sh", [suite, ...command], { env, reject: false });
  expect(exitCode, stderr).toBe(1);
  const reports = await Promise.all(["junit.xml", "machine.xml"].map((file) => readFile(join(suite, file), "utf8")));
  expect(reports[0]).toContain('tests="3" failures="1"');
  expect(reports[1]).toContain('<failure message="exit code 1"/>');
});

test.concurrent("the report has standard output for itself", async () => {
  const junit = join(folder.path, "junit.xml");
  const flags = ["--start-timeout=25s", "-o", "json", `--junit=${junit}`];
  const { exitCode, stdout } = await virt(["run", "told", ...tiny, ...flags, "--", "true"]);
  expect(await readFile(junit, "utf8")).toContain('tests="4" failures="0" errors="1" skipped="1"');
  const { stages, phases, ...rest } = JSON.parse(stdout);
  expect(exitCode).toBe(125);
  expect(rest).toEqual({
    name: "told",
    namespace: namespace.name,
    node: expect.stringMatching(/^node-/),
    error: expect.stringContaining("takes no command"),
  });
  expect(Object.keys(stages)).toEqual(["create", "start", "ready", "delete"]);
  expect(phases).toMatchObject({ Running: expect.any(String) });
});

test.concurrent("a machine that somebody else has made stays", async () => {
  await stage.virtOk("create mine --image localhost/tiny:latest --run-strategy Halted");
  const ended = await virt(["run", "mine", ...tiny, "--", "true"]);
  expect(ended).toMatchObject({ exitCode: 125 });
  expect(ended.stderr).toContain('"mine" already exists');
  expect(await machineOf("mine")).not.toBe("");
});

test.concurrent("a run whose machine somebody deletes says so", async () => {
  const run = start("taken");
  await exists("taken");
  await namespace.kubectl("delete", "vm", "taken", "--wait=false");
  expect(await run).toMatchObject({ exitCode: 125 });
});

/* The machine of the first test stays for these. */

test.for([
  [["true"], 0],
  [["false"], 1],
  [["sh", "-c", "exit 137"], 137],
  [["sh", "-c", "exit 255"], 255],
  [["sh", "-c", "kill -TERM $$"], 143],
] as const)("the exit code is the command's: %j", async ([words, exitCode]) => {
  expect(await inGuest(words)).toMatchObject({ exitCode, stdout: "" });
});

test("all of a long output arrives, with standard error apart", async () => {
  const digest = (text: string): string => createHash("sha256").update(text).digest("hex");
  const numbers = (last: number): string => Array.from({ length: last }, (_, at) => at + 1).join("\n");
  const { stdout, stderr, exitCode } = await inGuest(["sh", "-c", "seq 3000000; seq 300000 >&2"]);
  expect(exitCode).toBe(0);
  expect([stdout.length, digest(stdout)]).toEqual([numbers(3_000_000).length, digest(numbers(3_000_000))]);
  expect(stderr.endsWith(numbers(300_000))).toBe(true);
});

test("input is passed on if asked for, and only then", async () => {
  expect(await inGuest(["cat"], { input: "typed", flags: ["-i"] })).toMatchObject({ exitCode: 0, stdout: "typed" });
  expect(await inGuest(["cat"], { input: "typed" })).toMatchObject({ exitCode: 0, stdout: "" });
});

test("files and folders come in and out as they were", async () => {
  const [there, back] = [join(folder.path, "there"), join(folder.path, "back")];
  await mkdir(there);
  await writeFile(join(there, "large: 20 MB"), randomBytes(20_000_000));
  const login = [
    "-lroot",
    `--identity-file=${key()}`,
    "-t-oStrictHostKeyChecking=no",
    "-t-oUserKnownHostsFile=/dev/null",
  ];
  expect(await virt(["scp", ...login, "-r", there, "job:/srv/there"])).toMatchObject({ exitCode: 0 });
  expect(await virt(["scp", ...login, "-r", `vm/job/${namespace.name}:/srv/there`, back])).toMatchObject({
    exitCode: 0,
  });
  const [sent, came] = await Promise.all([there, back].map((at) => readFile(join(at, "large: 20 MB"))));
  expect(came?.equals(sent ?? Buffer.alloc(0))).toBe(true);
});

test("a guest that goes in the middle of a command is no exit code of the command", async () => {
  const { exitCode, stderr } = await inGuest(["sh", "-c", "poweroff --force --force"]);
  expect(exitCode).toBe(125);
  expect(stderr.split("\n").at(-1)).toBe("error: the connection to the guest was lost");
  expect((await virt(["exec", "job", "--", "true"])).exitCode).toBe(125);
});

function start(name: string): ReturnType<typeof virt> {
  return virt(["run", name, ...tiny, "--", "true"]);
}
