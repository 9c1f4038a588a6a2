import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { anInstance, FakeApi, pathOf, status } from "./fake-api.ts";
import { usePlugin } from "./plugin.ts";
import { eventually } from "./pty.ts";

const plugin = usePlugin();
let api: FakeApi;

beforeEach(async () => {
  api = await FakeApi.start();
  plugin.flags = ["--kubeconfig", await api.kubeconfig(join(plugin.folder, "kubeconfig"))];
});
afterEach(() => api[Symbol.asyncDispose]());

function start(...args: readonly string[]) {
  const [file, ...words] = plugin.words(...args);
  const child: ChildProcessWithoutNullStreams = spawn(file, words, {
    cwd: plugin.folder,
    // The only viewer there is, if any, is the test's.
    env: { ...process.env, PATH: plugin.folder },
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output.stderr += chunk.toString()));
  const ended = once(child, "close").then(([code]): unknown => code);
  return { child, output, ended };
}

test("--proxy-only prints the port as JSON, and each connection to it is one to the screen", async () => {
  api.replay = "RFB 003.008\n";
  const { child, output, ended } = start("vnc", "web", "--proxy-only");
  await eventually(
    () => output.stdout.endsWith("\n"),
    () => output.stderr,
  );
  const { port }: { port: number } = JSON.parse(output.stdout);
  const viewers = [connect(port, "127.0.0.1"), connect(port, "127.0.0.1")];
  for (const viewer of viewers) {
    const [greeting] = await once(viewer, "data");
    expect(String(greeting)).toBe("RFB 003.008\n");
    viewer.write("hello");
  }
  await eventually(
    () => api.input === "hellohello",
    () => api.input,
  );
  expect(api.sockets).toHaveLength(2);
  // Neither ends the other's, nor that of anybody else.
  expect(api.requests.filter((one) => one.includes("/vnc"))).toEqual(Array(2).fill(`GET ${pathOf("vnc")}?shared=true`));
  viewers[0]!.destroy();
  await eventually(
    () => api.sockets.length === 1,
    () => "the other side was not told",
  );
  child.kill("SIGINT");
  expect(await ended).toBe(130);
  expect(output.stderr).toBe("");
});

test("who wants the screen alone ends the sessions of others", async () => {
  const { child, output, ended } = start("vnc", "web", "--proxy-only", "--exclusive");
  await eventually(
    () => output.stdout.endsWith("\n"),
    () => output.stderr,
  );
  connect(JSON.parse(output.stdout).port, "127.0.0.1").on("error", () => {});
  await eventually(
    () => api.requests.includes(`GET ${pathOf("vnc")}`),
    () => api.requests.join("\n"),
  );
  child.kill("SIGINT");
  expect(await ended).toBe(130);
});

test("the first viewer that is found is started, and its end is the command's", async () => {
  const viewer = join(plugin.folder, "vncviewer");
  await writeFile(viewer, `#!/bin/sh\necho "$1" > '${plugin.folder}/shown'\n`);
  await chmod(viewer, 0o755);
  const { output, ended } = start("vnc", "web");
  expect(await ended).toBe(0);
  expect(output.stderr).toContain(`shown by ${viewer}`);
  expect(await readFile(join(plugin.folder, "shown"), "utf8")).toMatch(/^127\.0\.0\.1::\d+\n$/);
  await rm(viewer);
});

test("without a viewer, the command says what there is to do", async () => {
  const { output, ended } = start("vnc", "web");
  expect(await ended).toBe(1);
  expect(output.stderr).toMatch(/^error: no VNC viewer found \(looked for remote-viewer, .*--proxy-only/);
});

test("a machine that is not up, or has no screen, is an error before anything is opened", async () => {
  api.instance = anInstance("Scheduling");
  const starting = start("vnc", "web", "--proxy-only");
  expect([await starting.ended, starting.output]).toEqual([
    1,
    { stdout: "", stderr: "error: web is not running (Scheduling)\n" },
  ]);
  api.instance = undefined;
  const stopped = start("vnc", "web", "--proxy-only");
  expect([await stopped.ended, stopped.output.stderr]).toEqual([1, "error: web is not running (Running)\n"]);
});

test("a refusal by the server is told, and the port stays", async () => {
  api.refusal = status(400, "BadRequest", "No graphics devices are present.");
  const { child, output, ended } = start("vnc", "web", "--proxy-only", "--port=0");
  await eventually(
    () => output.stdout.endsWith("\n"),
    () => output.stderr,
  );
  const { port }: { port: number } = JSON.parse(output.stdout);
  await once(connect(port, "127.0.0.1").resume(), "close");
  await eventually(
    () => output.stderr.includes("No graphics devices"),
    () => output.stderr,
  );
  child.kill("SIGTERM");
  expect(await ended).toBe(143);
});

test("a screenshot is saved whole, and its size is told", async () => {
  const png = Buffer.alloc(2000);
  png.write("\x89PNG\r\n\x1a\n", "latin1");
  png.writeUInt32BE(720, 16);
  png.writeUInt32BE(400, 20);
  api.answers.set(`GET ${pathOf("vnc/screenshot")}`, { status: 200, body: png, type: "image/png" });
  const { output, ended } = start("vnc", "screenshot", "web", "--file", "screen.png");
  expect([await ended, output.stderr]).toEqual([0, "screen.png: 720×400 pixels, 2 KiB\n"]);
  expect(await readFile(join(plugin.folder, "screen.png"))).toEqual(png);
});

test("the log is printed as the guest wrote it, and followed until it breaks off", async () => {
  api.answers.set(`GET ${pathOf("log?follow=true")}`, (answer) => {
    answer.writeHead(200);
    answer.write("one\r\n\x1b[1mtwo");
    setTimeout(() => answer.destroy(), 100);
  });
  const { output, ended } = start("logs", "vm/web", "-f");
  expect(await ended).toBe(1);
  expect(output.stdout).toBe("one\r\n\x1b[1mtwo");
  expect(output.stderr).toMatch(/^error: the log ended early: /);
  api.answers.set(`GET ${pathOf("log?previous=true")}`, { status: 200, body: "before" });
  const previous = start("logs", "web", "--previous");
  expect([await previous.ended, previous.output.stdout]).toEqual([0, "before"]);
});
