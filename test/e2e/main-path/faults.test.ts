import { beforeAll, describe, expect, test } from "vitest";
import { bringBack, endInstalled } from "../../../cluster/installed.ts";
import type { Program } from "../../../deploy/bundle.ts";
import type { Pty } from "../cli/pty.ts";
import { cluster, eventually, nodes } from "../cluster.ts";
import { nodeOf, tiny, useStage } from "./stage.ts";
import { settledTraces, traces } from "./traces.ts";

const stage = useStage("faults");
let before: Awaited<ReturnType<typeof traces>>;

beforeAll(async () => {
  before = await settledTraces();
});

/** What does not change where the add-on's own pods are replaced, perhaps on another node. */
function ofMachines(all: typeof before): object {
  const nodesTraces = Object.values(all);
  return {
    folders: nodesTraces.flatMap(({ folders }) => folders ?? []),
    domains: nodesTraces.flatMap(({ domains }) => domains ?? []),
    processes: nodesTraces.flatMap(({ processes }) => processes ?? []).toSorted(),
  };
}

/** Kills an installed program on every node that it runs on, or on one; the kubelet starts it again. */
async function kill(program: Program, on = nodes.map(({ name }) => name)): Promise<void> {
  let killed = 0;
  for (const { name, bundle } of nodes) {
    if (!on.includes(name)) continue;
    // The brackets keep the pattern from finding the shell that has it.
    const pids = await bundle.run(["sh", "-c", `pgrep -f '[/]${program}.mjs' || true`]);
    for (const pid of pids.split("\n").filter(Boolean)) {
      await bundle.run(["kill", "-9", pid]);
      killed += 1;
    }
  }
  expect(killed).toBe(1);
}

/** What the guest itself says: which boot this is, and for how long it has been up, in seconds. */
async function ask(pty: Pty): Promise<{ boot: string; uptime: number }> {
  const since = pty.screen.length;
  pty.type('echo "boot $(cat /proc/sys/kernel/random/boot_id) up $(cut -d. -f1 /proc/uptime) ."\r');
  const answer = /boot ([0-9a-f-]{36}) up (\d+) \./;
  await eventually(async () => expect(pty.screen.slice(since)).toMatch(answer));
  const [, boot = "", uptime] = answer.exec(pty.screen.slice(since)) ?? [];
  return { boot, uptime: Number(uptime) };
}

const pidOf = async (name: string): Promise<string> =>
  (await nodeOf(stage, name)).bundle.run(["cat", `/run/libvirt/qemu/faults_${name}.pid`]);

describe("a guest that runs, with a console open", () => {
  beforeAll(async () => {
    await stage.virtOk(`create steady ${tiny} --wait`);
    await stage.virtOk("console steady --until login: --timeout 60s");
  });

  test.for(["virt-node-daemon", "virt-controller"] as const)(
    "does not notice that the %s is killed, and the console connects again",
    async (program) => {
      const pid = await pidOf("steady");
      await using pty = await stage.terminal("console steady");
      await pty.shows("Connected to steady.");
      await eventually(async () => expect(pty.screen).toMatch(/login:|# /));
      if (!pty.screen.includes("# ")) pty.type("root\r");
      await pty.shows("# ");
      const first = await ask(pty);
      const { name } = await nodeOf(stage, "steady");
      await kill(program, program === "virt-node-daemon" ? [name] : undefined);
      await pty.shows("connection lost");
      await eventually(async () => expect(pty.screen).toContain("connected again"), 120_000);
      const then = await ask(pty);
      expect(then.boot).toBe(first.boot);
      expect(then.uptime).toBeGreaterThan(first.uptime);
      expect(await pidOf("steady")).toBe(pid);
      expect(await stage.field("vm", "steady", ".status.printableStatus")).toBe("Running");
      pty.type("\x1d");
      expect(await pty.end()).toEqual({ code: 0, restored: true });
    },
  );

  test("is deleted like any other afterwards", async () => {
    await stage.virtOk("delete steady");
    await eventually(async () => expect(await traces()).toEqual(before));
  });
});

test.for(["virt-node-daemon", "virt-controller"] as const)(
  "a machine that is deleted while the %s is away is cleaned up when it returns",
  async (program) => {
    const name = program === "virt-controller" ? "orphan" : "widow";
    await stage.virtOk(`create ${name} ${tiny} --wait`);
    await endInstalled(cluster, program);
    const pid = await pidOf(name);
    await stage.namespace.kubectl("delete", "vm", name, "--wait=false");
    await eventually(async () => expect(await stage.field("vm", name, ".metadata.deletionTimestamp")).not.toBe(""));
    expect(await pidOf(name)).toBe(pid);
    await bringBack(cluster, program);
    await stage.namespace.kubectl("wait", "vm", name, "--for=delete", "--timeout=120s");
    await eventually(async () => {
      expect(await stage.namespace.kubectl("get", "vm,vmi,pods", "--output=name")).toBe("");
      expect(ofMachines(await traces())).toEqual(ofMachines(before));
    });
  },
);
