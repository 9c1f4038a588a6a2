import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Pty } from "../cli/pty.ts";
import { cluster, eventually, useNamespace } from "../cluster.ts";
import type { KubeconfigCase, World } from "./kubeconfigs/builders.ts";
import { kubeconfigCases } from "./kubeconfigs/cases.ts";
import { type KubectlRun, kubectl } from "./kubectl.ts";

const namespace = useNamespace("kubeconfig");
const whoami = join(import.meta.dirname, "fixtures/whoami.ts");
let world: World;
let folder: string;

beforeAll(async () => {
  const { clusters, users } = JSON.parse(await readFile(cluster.kubeconfig, "utf8"));
  const text = (base64: string): string => Buffer.from(base64, "base64").toString();
  await namespace.kubectl("create", "serviceaccount", "other");
  const token = (account: string) => namespace.kubectl("create", "token", account);
  world = {
    server: clusters[0].cluster.server,
    authority: text(clusters[0].cluster["certificate-authority-data"]),
    certificate: text(users[0].user["client-certificate-data"]),
    key: text(users[0].user["client-key-data"]),
    tokens: [await token("default"), await token("other")],
  };
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "kubeconfig-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** Writes the files of a case, and returns the environment and the flags that it has. */
async function prepare({ files, list = ["one"], flags, env = {} }: KubeconfigCase) {
  for (const [name, content] of Object.entries(files(world))) {
    const file = join(folder, name);
    await mkdir(dirname(file), { recursive: true });
    const text = typeof content === "string" ? content : JSON.stringify(content);
    await writeFile(file, text, { mode: name.endsWith(".sh") ? 0o755 : 0o644 });
  }
  const there = (text: string): string => text.replaceAll("FOLDER", folder);
  return {
    flags: (flags?.(world) ?? []).map(there),
    env: {
      KUBECONFIG: list.map((name) => name && join(folder, name)).join(":"),
      ...Object.fromEntries(Object.entries(env).map(([name, value]) => [name, there(value)])),
    },
  };
}

/** Asks the API server who we are, as `api/kube` and the flags of the plugin have it. */
async function ask(flags: readonly string[], env: Readonly<Record<string, string>>): Promise<KubectlRun> {
  const { exitCode, stdout, stderr } = await execa(process.execPath, [whoami, ...flags], {
    env: { PATH: process.env.PATH, HOME: "/proc/no-home", ...env },
    extendEnv: false,
    cwd: "/",
    input: "",
    reject: false,
  });
  return { code: exitCode, stdout, stderr };
}

/** What a program of the case was told, if it has written that down. */
async function told(): Promise<unknown> {
  const file = join(folder, "info");
  const text = await readFile(file, "utf8").catch(() => undefined);
  await rm(file, { force: true });
  return text === undefined ? undefined : JSON.parse(text);
}

/** Who somebody is, without what each token has of its own. */
const userOf = ({ code, stdout }: KubectlRun, at: "status" | "user"): unknown => {
  if (code !== 0) return undefined;
  const printed = JSON.parse(stdout);
  return at === "user" ? printed.user : printed.status.userInfo;
};

test.for(Object.entries(kubeconfigCases))("we are who kubectl is with %s", async ([, one]) => {
  const { flags, env } = await prepare(one);
  const theirs = await kubectl([...flags, "auth", "whoami", "--output=json"], { env });
  const theirInfo = await told();
  const ours = await ask(flags, env);
  const said = { code: ours.code, user: userOf(ours, "user"), info: await told() };
  expect(said, `${theirs.stderr}\n${ours.stderr}`).toEqual({
    code: theirs.code,
    user: userOf(theirs, "status"),
    info: theirInfo,
  });
});

test("a server without TLS is not told our credentials, but whom we impersonate", async () => {
  const heard: IncomingHttpHeaders[] = [];
  const server = createServer((question, answer) => {
    heard.push(question.headers);
    answer.writeHead(200, { "content-type": "application/json" }).end("{}");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const user = { token: "secret", as: "jane" };
  const { env } = await prepare({
    files: () => ({
      one: {
        clusters: [{ name: "a", cluster: { server: `http://127.0.0.1:${port}` } }],
        users: [{ name: "a", user }],
        contexts: [{ name: "a", context: { cluster: "a", user: "a" } }],
        "current-context": "a",
      },
    }),
  });
  await kubectl(["auth", "whoami"], { env });
  const theirs = heard.splice(0).map(({ authorization, "impersonate-user": as }) => ({ authorization, as }));
  await ask([], env);
  const ours = heard.map(({ authorization, "impersonate-user": as }) => ({ authorization, as }));
  server.close();
  server.closeAllConnections();
  expect(theirs[0]).toEqual({ authorization: undefined, as: "jane" });
  expect(ours).toEqual([theirs[0]]);
});

describe("on a terminal", () => {
  const v1 = "client.authentication.k8s.io/v1";
  /** A program that asks for the token. */
  const asking = (interactiveMode: string): KubeconfigCase => ({
    files: ({ server, authority }) => ({
      one: {
        clusters: [
          { name: "a", cluster: { server, "certificate-authority-data": Buffer.from(authority).toString("base64") } },
        ],
        users: [{ name: "a", user: { exec: { apiVersion: v1, command: "./ask.sh", interactiveMode } } }],
        contexts: [{ name: "a", context: { cluster: "a", user: "a" } }],
        "current-context": "a",
      },
      "ask.sh": `#!/bin/sh
printenv KUBERNETES_EXEC_INFO > "\${0%/*}/info"
printf 'Token, please: ' >&2
stty -echo; read token; stty echo
printf '{"apiVersion":"${v1}","kind":"ExecCredential","status":{"token":"%s"}}' "$token"
`,
    }),
  });
  const programs = [
    ["kubectl", () => [join(cluster.binFolder, "kubectl"), "auth", "whoami", "--output=json"]],
    ["ours", () => [process.execPath, whoami]],
  ] as const;

  test.for(programs.flatMap(([name, words]) => ["IfAvailable", "Always"].map((mode) => [name, mode, words] as const)))(
    "a program of %s may ask, if its mode is %s",
    async ([, mode, words]) => {
      const { env } = await prepare(asking(mode));
      await using pty = new Pty(words(), folder, env);
      await pty.shows("Token, please: ");
      pty.type(`${world.tokens[0]}\n`);
      await pty.shows(`system:serviceaccount:${namespace.name}:default`);
      await eventually(async () => expect(await told()).toMatchObject({ spec: { interactive: true } }));
    },
  );

  // kubectl's own create asks before it reads, for what it looks up first.
  test.for([
    ["kubectl", () => [join(cluster.binFolder, "kubectl"), "get"]],
    ["ours", () => [process.execPath, join(import.meta.dirname, "../../../cli/main.ts"), "create"]],
  ] as const)("a program of %s may not ask where a manifest is typed", async ([, words]) => {
    const { env } = await prepare(asking("Always"));
    await using pty = new Pty([...words(), "-f", "-"], folder, env);
    pty.type('{"apiVersion":"kubevirt.io/v1","kind":"VirtualMachine","metadata":{"name":"a"}}\n\u0004');
    await pty.shows("exec plugin cannot support interactive mode: standard input is unavailable: used by");
    expect(await told()).toBeUndefined();
  });
});
