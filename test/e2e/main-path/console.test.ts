import { readFile } from "node:fs/promises";
import { beforeAll, expect, test } from "vitest";
import { aSocksProxy } from "../../api/kube/proxy/proxies.ts";
import type { Pty } from "../cli/pty.ts";
import { cluster, eventually } from "../cluster.ts";
import { tiny, useStage } from "./stage.ts";

const stage = useStage("consoles");

beforeAll(async () => {
  await stage.virtOk(`create shared ${tiny} --wait`);
  await stage.virtOk("console shared --until login: --timeout 60s");
  for (const user of ["ann", "bob"]) {
    await stage.namespace.kubectl("create", "rolebinding", user, "--clusterrole=kubevirt.io:edit", `--user=${user}`);
  }
});

/** Logs in, and waits for the prompt. */
async function logIn(pty: Pty): Promise<void> {
  const since = pty.screen.length;
  pty.type("root\r");
  await pty.shows("# ", since);
}

test("of two writers the first is told who has taken over, and three watchers see all of it, also what was before them", async () => {
  await using ann = await stage.terminal("console shared --as ann");
  await ann.shows("login:");
  await logIn(ann);
  ann.type("echo said by $((1 + 1)) hands\r");
  await ann.shows("said by 2 hands");

  const watchers = [1, 2, 3].map(() => stage.terminal("console shared --read-only"));
  await using first = await watchers[0]!;
  await using second = await watchers[1]!;
  await using third = await watchers[2]!;
  const watching = [first, second, third];
  // Replayed: the boot, the login and what was typed.
  for (const watcher of watching) {
    await watcher.shows("said by 2 hands");
    expect(watcher.screen).toContain("TINY READY");
  }

  await using bob = await stage.terminal("console shared --as bob");
  await ann.shows("bob has taken over this console");
  expect(await ann.end()).toEqual({ code: 1, restored: true });
  await bob.shows("said by 2 hands");
  first.type("echo typed by $((2 + 2)) watchers\r");
  bob.type("echo typed by $((1 + 0)) writer\r");
  for (const pty of [bob, ...watching]) {
    await pty.shows("typed by 1 writer");
    expect(pty.screen).not.toContain("watchers");
  }
  for (const pty of [bob, ...watching]) {
    pty.type("\x1d");
    expect(await pty.end()).toEqual({ code: 0, restored: true });
  }
});

test("a console goes on over a reboot that the guest makes, on the same connection, to the next login prompt", async () => {
  await using pty = await stage.terminal("console shared");
  await pty.shows("# ");
  const id = await stage.field("vmi", "shared", ".metadata.uid");
  const before = pty.screen.length;
  pty.type("reboot\r");
  await pty.shows("login:", before);
  await logIn(pty);
  const loggedIn = pty.screen.length;
  pty.type('echo "up for $(cut -d. -f1 /proc/uptime) s"\r');
  await eventually(async () => expect(pty.screen.slice(loggedIn)).toMatch(/up for \d{1,2} s/));
  expect(pty.screen).not.toContain("connection lost");
  expect(await stage.field("vmi", "shared", ".metadata.uid")).toBe(id);
  pty.type("\x1d");
  expect(await pty.end()).toEqual({ code: 0, restored: true });
});

test("a console is reached through a SOCKS proxy, where only that finds the server", async () => {
  const { clusters } = JSON.parse(await readFile(cluster.kubeconfig, "utf8"));
  const { hostname, port } = new URL(clusters[0].cluster.server);
  const name = "api.behind.test";
  await using proxy = await aSocksProxy({ names: { [name]: Number(port) } });
  const way = `--server=https://${name} --tls-server-name=${hostname} --proxy-url=socks5://127.0.0.1:${proxy.port}`;
  await stage.virtOk(`console vm/shared/${stage.namespace.name} --read-only --until login: --timeout 60s ${way}`);
  expect(new Set(proxy.asked)).toEqual(new Set([`CONNECT ${name}:443`]));
});

test("a console ends with the reason when the machine is stopped", async () => {
  await using pty = await stage.terminal("console shared");
  await pty.shows("Connected to shared.");
  await stage.virtOk("stop shared");
  await pty.shows("shared has stopped");
  expect(await pty.end()).toEqual({ code: 0, restored: true });
});
