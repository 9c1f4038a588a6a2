import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempDisposable, readFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { beforeAll, expect, test } from "vitest";
import { eventually } from "../cluster.ts";
import { readPng } from "./png.ts";
import { nodeOf, tiny, useStage } from "./stage.ts";
import { settledTraces, traces } from "./traces.ts";

const stage = useStage("life");
let before: Awaited<ReturnType<typeof traces>>;

beforeAll(async () => {
  before = await settledTraces();
});

const uid = (): Promise<string> => stage.field("vmi", "web", ".metadata.uid");

/** What kubectl shows people of the machine. */
const told = async (): Promise<string> => (await stage.namespace.kubectl("get", "vm", "web")).replace(/ +/g, " ");

/** Nothing is left of it but the VirtualMachine. */
const nothingRuns = (): Promise<void> =>
  eventually(async () => {
    expect(await stage.namespace.kubectl("get", "vmi,pods", "--output=name")).toBe("");
    expect(await traces()).toEqual(before);
  });

test("a machine is created and runs", async () => {
  const line = `create web ${tiny} --wait`;
  const { exitCode, stdout, stderr } = await stage.virt(line);
  expect(exitCode, stderr).toBe(0);
  expect(stdout).toBe("virtualmachine.kubevirt.io/web created\n");
  expect(stderr).toMatch(/✓ web runs on node-\d/);
  await stage.status("web", "Running");
  expect(await told()).toMatch(/web (\d+m)?\d+s Running True/);
  expect(await stage.field("vmi", "web", ".status.phase")).toBe("Running");
  expect(await stage.virtOk(line)).toBe("virtualmachine.kubevirt.io/web unchanged\n");
  await eventually(async () => {
    const description = await stage.virtOk("describe web");
    expect(description).toMatch(/^Status: +Running$/m);
    // Events come after what they tell of.
    expect(description).toMatch(/Normal +Started /);
  });
});

test("a machine tells of its guest what the instance does", async () => {
  await stage.namespace.kubectl("wait", "vm,vmi", "web", "--for=condition=AgentConnected", "--timeout=120s");
  for (const kind of ["vm", "vmi"] as const) {
    for (const type of ["LiveMigratable", "StorageLiveMigratable"]) {
      const condition = await stage.field(kind, "web", `.status.conditions[?(@.type=="${type}")]`);
      expect(JSON.parse(condition)).toMatchObject({ status: "False", reason: "NotMigratable" });
    }
  }
});

test("its console comes to the login prompt, and runs what is typed", async () => {
  expect(await stage.virtOk("console web --until login: --timeout 60s")).toContain("TINY READY");
  await stage.virtOk("console web --until # --timeout 60s", "root\n");
  const answer = await stage.virtOk("console web --until 42 --timeout 60s", 'echo "the sum is $((20 + 22))"\n');
  expect(answer).toContain("the sum is 42");
  expect(await stage.virtOk("logs web")).toContain("the sum is 42");
});

test("its screen is a picture with something on it, and a viewer is led to it", async () => {
  await using scratch = await mkdtempDisposable(join(tmpdir(), "screen-"));
  const file = join(scratch.path, "screen.png");
  await stage.virtOk(`vnc screenshot web --file ${file}`);
  const picture = readPng(await readFile(file));
  expect(picture.width).toBeGreaterThanOrEqual(640);
  expect(picture.height).toBeGreaterThanOrEqual(400);
  expect(picture.shades).toBeGreaterThan(1);

  const args = ["virt", "vnc", "web", "--proxy-only", `--namespace=${stage.namespace.name}`];
  const proxy = spawn("kubectl", args, { env: stage.environment, stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface(proxy.stdout);
  const [line] = await once(lines, "line");
  const viewer = connect(JSON.parse(line).port, "127.0.0.1");
  const [greeting] = await once(viewer, "data");
  expect(String(greeting)).toBe("RFB 003.008\n");
  viewer.destroy();
  proxy.kill("SIGINT");
  await once(proxy, "exit");
});

test("paused it stands still, and goes on from there", async () => {
  await stage.virtOk("pause web");
  await stage.status("web", "Paused");
  expect(await told()).toMatch(/web (\d+m)?(\d+s)? Paused/);
  const { bundle } = await nodeOf(stage, "web");
  const state = (): Promise<string> => bundle.run(["virsh", "domstate", "life_web"]);
  expect(await state()).toContain("paused");
  const again = await stage.virt("pause web");
  expect(again).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("already paused") });
  await stage.virtOk("unpause web");
  await stage.status("web", "Running");
  expect(await state()).toContain("running");
});

test("restarted it is another instance", async () => {
  const first = await uid();
  await stage.virtOk("restart web");
  await eventually(async () => expect(await uid()).not.toBe(first), 60_000);
  await stage.status("web", "Running");
  expect(await stage.virtOk("console web --until login: --timeout 60s")).toContain("TINY READY");
});

test("stopped it shuts down in order and leaves nothing, and started it runs again", async () => {
  await stage.virtOk("stop web");
  await stage.status("web", "Stopped");
  await nothingRuns();
  await eventually(async () => {
    const selector = "--field-selector=involvedObject.kind=VirtualMachineInstance,involvedObject.name=web";
    const reasons = await stage.namespace.kubectl("get", "events", selector, "--output=jsonpath={.items[*].reason}");
    expect(reasons.split(" ")).toEqual(expect.arrayContaining(["ShuttingDown", "Deleted"]));
  });
  const again = await stage.virt("stop web");
  expect(again).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/not running/i) });
  await stage.virtOk("start web");
  await stage.status("web", "Running");
});

test("deleted it is gone from the API and from the node", async () => {
  await stage.virtOk("delete web");
  expect(await stage.namespace.kubectl("get", "vm", "--output=name")).toBe("");
  await nothingRuns();
});
