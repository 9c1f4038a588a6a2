import { mkdtempDisposable, readFile, writeFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { status } from "../../e2e/cli/fake-api.ts";
import { useCommandLine } from "../command-line.ts";

const virt = useCommandLine();

beforeEach(() => {
  virt.api.namespace = "shop";
  virt.api.replay = "login:";
  virt.api.others = done;
});
afterEach(() => vi.unstubAllEnvs());

/** Answers all that is asked of the machine of the other namespace. */
function done(path: string, answer: ServerResponse): boolean {
  const isAsked = path.startsWith("PUT ") || path.startsWith("DELETE ") || /\/(log|vnc\/screenshot)$/.test(path);
  if (!isAsked || !path.includes("/namespaces/shop/")) return false;
  answer.writeHead(200, { "content-type": "application/json" }).end("{}");
  return true;
}

/** The command line of each verb. */
const verbs: readonly (readonly string[])[] = [
  ["get", "TARGET", "-o", "name"],
  ["describe", "TARGET", "--no-events"],
  ["start", "TARGET"],
  ["stop", "TARGET"],
  ["stop", "TARGET", "--dry-run=client"],
  ["restart", "TARGET"],
  ["pause", "TARGET"],
  ["unpause", "TARGET"],
  ["delete", "TARGET", "--no-wait"],
  ["logs", "TARGET"],
  ["console", "TARGET", "--until=login:"],
  ["vnc", "TARGET", "--proxy-only"],
  ["vnc", "screenshot", "TARGET", "--file=-"],
  ["port-forward", "TARGET", ":22"],
  ["port-forward", "--stdio", "TARGET", "22"],
];

test.for(verbs)("%s takes a target with its namespace", async (words) => {
  const isReady = (printed: string): boolean => /^(\{"port"|Forwarding from|login:)/.test(printed);
  const line = words.map((word) => (word === "TARGET" ? "vm/web/shop" : word));
  const { code, stderr } = await virt.runUntil(isReady, ...line, "-n", "elsewhere");
  expect(stderr).toBe("");
  expect(code).toBeOneOf([0, 130]);
  expect(virt.api.requests).not.toEqual([]);
  for (const request of virt.api.requests) expect(request).toContain("/namespaces/shop/");
});

test("get follows one of another namespace", async () => {
  const instances = "/apis/kubevirt.io/v1/namespaces/shop/virtualmachineinstances";
  const list = `GET ${instances}?fieldSelector=metadata.name%3Dweb&limit=50`;
  virt.api.answers.set(list, { status: 200, body: '{"metadata":{"resourceVersion":"1"},"items":[]}' });
  const change = JSON.stringify({ type: "ADDED", object: virt.api.instance });
  virt.api.others = (path, answer) => path.startsWith(`GET ${instances}?watch=true`) && answer.write(`${change}\n`);
  const words = ["get", "vmi/web/shop", "-o", "name", "--watch"];
  expect(await virt.runUntil((printed) => printed.endsWith("/web\n"), ...words)).toMatchObject({
    code: 130,
    stderr: "",
  });
});

test("a new machine is made where its target says", async () => {
  const words = ["create", "vm/web/shop", "--image=debian", "--dry-run=client", "-o", "json"];
  expect(JSON.parse((await virt.run(...words)).stdout).metadata).toEqual({ name: "web", namespace: "shop" });
});

/** Runs ssh, and returns the words that the program ssh was started with. */
async function sshWords(target: string, ...flags: readonly string[]): Promise<{ words: string[]; stderr: string }> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "ssh-"));
  const file = join(folder.path, "words");
  await writeFile(join(folder.path, "ssh"), `#!/bin/sh\nprintf '%s\\n' "$@" > ${file}\n`, { mode: 0o755 });
  vi.stubEnv("PATH", `${folder.path}:${process.env.PATH}`);
  const { stderr } = await virt.run("ssh", target, ...flags);
  return { words: (await readFile(file, "utf8")).trim().split("\n"), stderr };
}

describe("ssh", () => {
  test.for(["jane@vm/web/shop", "jane@VirtualMachine/web/shop"])("logs in to %s", async (target) => {
    const { words, stderr } = await sshWords(target, "-n", "elsewhere");
    expect(words[0]).toMatch(/^-oProxyCommand=.* port-forward .*--stdio vm\/web\/shop 22$/);
    expect(words.slice(1)).toEqual(["-l", "jane", "vm.web.shop"]);
    expect(stderr).toBe("");
    expect(virt.api.requests).toEqual([]);
  });

  test("needs a name before the @", async () => {
    expect(await virt.run("ssh", "@vm/web")).toMatchObject({
      code: 1,
      stderr: 'error: "@vm/web" has no user before the @\n',
    });
  });
});

describe("where what follows a dot was a namespace", () => {
  const older = "Warning: there is no vmi/web.shop; taking vmi/web/shop; use this form from now on\n";
  const stdio = (target: string) =>
    virt.runUntil((printed) => printed.endsWith("login:"), "port-forward", "--stdio", target, "22");

  test("it still is, for ssh_configs that were written then", async () => {
    expect(await stdio("vmi/web.shop")).toMatchObject({ stdout: "login:", stderr: older });
    expect(virt.api.requests.at(-1)).toMatch(/\/namespaces\/shop\/virtualmachineinstances\/web\/portforward\/22\/tcp$/);
    const { words, stderr } = await sshWords("vmi/web.shop");
    expect(words.at(-1)).toBe("vmi.web.shop");
    expect(words[0]).toMatch(/--stdio vmi\/web\/shop 22$/);
    expect(stderr).toBe(older);
  });

  test("a machine of the whole name comes first", async () => {
    const whole = "/apis/kubevirt.io/v1/namespaces/default/virtualmachineinstances/web.shop";
    virt.api.answers.set(`GET ${whole}`, { status: 200, body: JSON.stringify(virt.api.instance) });
    expect(await stdio("vmi/web.shop")).toMatchObject({ stdout: "login:", stderr: "" });
    expect(virt.api.requests.at(-1)).toMatch(/\/default\/virtualmachineinstances\/web\.shop\/portforward\/22\/tcp$/);
  });

  test("who may not look has to say it exactly", async () => {
    const whole = "/apis/kubevirt.io/v1/namespaces/default/virtualmachineinstances/web.shop";
    virt.api.answers.set(`GET ${whole}`, status(403, "Forbidden", "you may not"));
    expect(await stdio("vmi/web.shop")).toMatchObject({ stdout: "login:", stderr: "" });
    expect(virt.api.requests.at(-1)).toContain("/namespaces/default/virtualmachineinstances/web.shop/");
  });
});
