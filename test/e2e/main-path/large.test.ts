import { beforeAll, expect, test } from "vitest";
import { eventually } from "../cluster.ts";
import { aLargeMachine, longestUserData, userDataOf } from "../large-machine.ts";
import { nodeOf, useStage } from "./stage.ts";
import { settledTraces, traces } from "./traces.ts";

const stage = useStage("large");
const disks = 6;

const machine = aLargeMachine("web", {
  runStrategy: "Always",
  disks,
  domain: { memory: { guest: "160Mi" } },
  devices: { disks: [{ name: "root", disk: { bus: "virtio" } }] },
  volumes: [{ name: "root", containerDisk: { image: "localhost/tiny:latest", imagePullPolicy: "Never" } }],
});

let before: Awaited<ReturnType<typeof traces>>;

beforeAll(async () => {
  before = await settledTraces();
});

const uid = (): Promise<string> => stage.field("vmi", "web", ".metadata.uid");

test("a machine of a megabyte is created and runs, and its guest has all of its data", async () => {
  expect(JSON.stringify(machine).length).toBeGreaterThan(1_000_000);
  const { exitCode, stderr } = await stage.virt("create --filename - --wait", JSON.stringify(machine));
  expect(exitCode, stderr).toBe(0);
  await stage.status("web", "Running");
  expect(await stage.virtOk("console web --until login: --timeout 60s")).toContain("TINY READY");
  // What its last disk holds, as its node has it.
  const { bundle } = await nodeOf(stage, "web");
  const folder = `/var/lib/kubevirt-node/${await uid()}`;
  const images = (await bundle.run(["find", folder, "-name", "*.iso"])).trim().split("\n");
  expect(images).toHaveLength(disks);
  const found = await Promise.all(
    images.map((image) => bundle.run(["grep", "--text", "--count", "^# disk [0-9]*$", image])),
  );
  expect(found.map((count) => count.trim())).toEqual(images.map(() => "1"));
  expect(userDataOf(disks - 1)).toHaveLength(longestUserData);
});

test("it is told of as any other", async () => {
  expect((await stage.virtOk("get vm web")).replace(/ +/g, " ")).toMatch(/web .*Running True/);
  const description = await stage.virtOk("describe web");
  expect(description).toMatch(/^Status: +Running$/m);
  expect(description).toMatch(/data-5/);
});

test("paused, restarted, stopped and started it does as any other", async () => {
  await stage.virtOk("pause web");
  await stage.status("web", "Paused");
  await stage.virtOk("unpause web");
  await stage.status("web", "Running");
  const first = await uid();
  await stage.virtOk("restart web");
  await eventually(async () => expect(await uid()).not.toBe(first), 60_000);
  await stage.status("web", "Running");
  await stage.virtOk("stop web");
  await stage.status("web", "Stopped");
  await eventually(async () => expect(await stage.namespace.kubectl("get", "vmi", "--output=name")).toBe(""));
  await stage.virtOk("start web");
  await stage.status("web", "Running");
});

test("all of it is what the API server answers when it is asked for it with everything written out", async () => {
  const path = `/apis/subresources.kubevirt.io/v1/namespaces/${stage.namespace.name}/virtualmachines/web/expand-spec`;
  const full = JSON.parse(await stage.namespace.kubectl("get", `--raw=${path}`));
  expect(full.spec.template.spec.volumes).toEqual(machine.spec.template.spec.volumes);
});

test("that its template has changed is told", async () => {
  const required = (): Promise<string> =>
    stage.field("vm", "web", '.status.conditions[?(@.type=="RestartRequired")].status');
  const patch = (cores: number | null): Promise<string> =>
    stage.namespace.kubectl(
      "patch",
      "vm",
      "web",
      "--type=merge",
      `--patch=${JSON.stringify({ spec: { template: { spec: { domain: { cpu: cores && { cores } } } } } })}`,
    );
  await patch(2);
  await eventually(async () => expect(await required()).toBe("True"));
  await patch(null);
  await eventually(async () => expect(await required()).toBe(""));
});

test("deleted it is gone, and nothing of it is left", async () => {
  await stage.virtOk("delete web");
  expect(await stage.namespace.kubectl("get", "vm,vmi", "--output=name")).toBe("");
  await eventually(async () => expect(await traces()).toEqual(before));
});
