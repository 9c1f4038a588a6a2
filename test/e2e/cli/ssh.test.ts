import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FakeApi } from "./fake-api.ts";
import { usePlugin } from "./plugin.ts";
import { eventually } from "./pty.ts";

const plugin = usePlugin();
let api: FakeApi;

beforeEach(async () => {
  api = await FakeApi.start();
  plugin.flags = ["--kubeconfig", await api.kubeconfig(join(plugin.folder, "kubeconfig"))];
});
afterEach(() => api[Symbol.asyncDispose]());

test.for([
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const)("%s ends ssh, and with it the command", async ([signal, code]) => {
  const [file, ...words] = plugin.words("ssh", "debian@web");
  const child = spawn(file, words, { stdio: "ignore" });
  const ended = once(child, "exit");
  // ssh waits for a greeting of the guest that does not come.
  await eventually(
    () => api.sockets.length === 1,
    () => api.requests.join("\n"),
  );
  child.kill(signal);
  expect(await ended).toEqual([code, null]);
});
