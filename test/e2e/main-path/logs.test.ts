import { beforeAll, expect, test } from "vitest";
import { eventually, nodes } from "../cluster.ts";
import { anInstance } from "../network/guest.ts";
import { tiny, useStage } from "./stage.ts";
import { settledTraces, traces } from "./traces.ts";

const stage = useStage("logs");
let before: Awaited<ReturnType<typeof traces>>;

beforeAll(async () => {
  before = await settledTraces();
});

/** Has the guest do a sum, so that its answer is not what was typed, and turn itself off. */
async function lastWords(name: string, sum: string): Promise<void> {
  await stage.virtOk(`console ${name} --until login: --timeout 90s`);
  await stage.virtOk(`console ${name} --until # --timeout 60s`, "root\n");
  // Other than the kernel, a program's words have to reach the port before the power is off.
  await stage.virt(
    `console ${name} --until turned-off --timeout 60s`,
    `echo "comes to $((${sum}))"; sleep 1; poweroff -f\n`,
  );
  await eventually(async () => expect(await stage.field("vmi", name, ".status.phase")).toBe("Succeeded"), 90_000);
}

/** The state folders are those there were before the tests, and one for each of these instances. */
async function keptOf(...uids: readonly string[]): Promise<void> {
  const folders = (all: typeof before): string[] => Object.values(all).flatMap((node) => node.folders ?? []);
  await eventually(async () =>
    expect(folders(await traces()).toSorted()).toEqual([...folders(before), ...uids].toSorted()),
  );
}

test("what a machine that runs once has said last is read after its end, and nothing else is left of the run", async () => {
  await stage.virtOk(`create job ${tiny} --run-strategy Once --wait`);
  const uid = await stage.field("vmi", "job", ".metadata.uid");
  await lastWords("job", "20 + 22");
  await stage.status("job", "Stopped");
  for (const flags of ["", " --follow"]) {
    const log = await stage.virtOk(`logs job${flags}`);
    expect(log).toContain("comes to 42");
    expect(log).toContain("reboot: Power down");
  }
  const previous = await stage.virt("logs job --previous");
  expect(previous).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("no log of a previous instance") });
  const screen = await stage.virt("vnc screenshot job --file -");
  expect(screen).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("is not running") });
  await keptOf(uid);
  await eventually(async () => {
    for (const [name, found] of Object.entries(await traces())) {
      expect({ ...found, folders: [], cgroups: [] }).toEqual({ ...before[name], folders: [], cgroups: [] });
    }
  });
  await stage.virtOk("delete job");
  await keptOf();
  const gone = await stage.virt("logs job");
  expect(gone).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('"job" not found') });
});

test("after a restart on the same node the run before is read with --previous, and no run when there is none", async () => {
  const nodeSelector = { "kubernetes.io/hostname": nodes[0].name };
  const spec = { domain: { memory: { guest: "160Mi" }, devices: {} }, nodeSelector };
  const volumes = [{ name: "root", containerDisk: { image: "localhost/tiny:latest", imagePullPolicy: "Never" } }];
  await stage.namespace.apply({
    apiVersion: "kubevirt.io/v1",
    kind: "VirtualMachine",
    metadata: { name: "again" },
    spec: { runStrategy: "Manual", template: { spec: { ...spec, volumes } } },
  });
  await stage.status("again", "Stopped");
  const none = await stage.virt("logs again");
  expect(none).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/"again" has no instance.*it is Stopped/) });
  await stage.virtOk("start again");
  await stage.status("again", "Running");
  await lastWords("again", "30 + 33");
  const first = await stage.field("vmi", "again", ".metadata.uid");
  await stage.virtOk("start again");
  await eventually(async () => expect(await stage.field("vmi", "again", ".metadata.uid")).not.toBe(first));
  await stage.status("again", "Running");
  expect(await stage.virtOk("logs again --previous")).toContain("comes to 63");
  await stage.virtOk("console again --until login: --timeout 90s");
  expect(await stage.virtOk("logs again")).not.toContain("comes to 63");

  await stage.virtOk("restart again");
  await stage.status("again", "Running");
  await eventually(async () => {
    const log = await stage.virtOk("logs again --previous");
    expect(log).toContain("login:");
    expect(log).not.toContain("comes to 63");
  });
  await stage.virtOk("delete again");
  await keptOf();
});

test("of an instance without a machine the log is kept as long as the instance, over the daemon's restarts", async () => {
  const node = nodes[0];
  await stage.namespace.apply(anInstance("bare", { nodeSelector: { "kubernetes.io/hostname": node.name } }));
  await eventually(async () => expect(await stage.field("vmi", "bare", ".status.phase")).toBe("Running"), 90_000);
  const uid = await stage.field("vmi", "bare", ".metadata.uid");
  await lastWords("bare", "11 * 11");
  // Its container ends, and the kubelet starts another.
  await node.bundle.run(["pkill", "-9", "-f", "[/]virt-node-daemon.mjs"]);
  await eventually(async () => expect(await stage.virtOk("logs vmi/bare")).toContain("comes to 121"), 90_000);
  await keptOf(uid);
  await stage.namespace.kubectl("delete", "vmi", "bare", "--timeout=60s");
  await keptOf();
  expect(await node.bundle.run(["sh", "-c", `find /var/lib/kubevirt-node -name '*${uid}*'`])).toBe("");
});
