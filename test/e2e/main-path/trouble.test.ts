import { expect, test } from "vitest";
import { eventually } from "../cluster.ts";
import { useStage } from "./stage.ts";

const stage = useStage("trouble");

test("a machine whose image is not there is told of so, with the kubelet's words and exit code 1", async () => {
  const { exitCode, stderr } = await stage.virt("create lost --image localhost/absent:1 --memory 64Mi --wait");
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/error: virtualmachine\.kubevirt\.io\/lost did not start: .*localhost\/absent:1/);
  const condition = '.status.conditions[?(@.type=="Ready")].message';
  // The command looks at the instance and its pod; the machine is told of them a moment later.
  await eventually(async () => {
    expect(await stage.namespace.kubectl("get", "vm", "lost")).toMatch(/ (ErrImagePull|ImagePullBackOff) +False/);
    expect(await stage.field("vm", "lost", condition)).toContain("localhost/absent:1");
  });
});

test("a machine whose kernel is not in its image says which one, where people look first", async () => {
  const container = { image: "localhost/tiny:latest", kernelPath: "/boot/absent", imagePullPolicy: "Never" };
  await stage.namespace.apply({
    apiVersion: "kubevirt.io/v1",
    kind: "VirtualMachine",
    metadata: { name: "kernelless" },
    spec: {
      runStrategy: "Always",
      template: { spec: { domain: { memory: { guest: "64Mi" }, firmware: { kernelBoot: { container } } } } },
    },
  });
  await eventually(async () => {
    expect(await stage.namespace.kubectl("get", "vm", "kernelless")).toMatch(/ CrashLoopBackOff +False/);
    expect(await stage.field("vm", "kernelless", '.status.conditions[?(@.type=="Ready")].reason')).toBe("SyncFailed");
    const said = await stage.field("vm", "kernelless", '.status.conditions[?(@.type=="Ready")].message');
    expect(said).toContain("/boot/absent");
  });
});

test("a machine that no node has room for is told of so, with the scheduler's words and exit code 1", async () => {
  const { exitCode, stderr } = await stage.virt(
    "create huge --image localhost/tiny:latest --memory 4Ti --wait --timeout 15s",
  );
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(
    /error: .*\/huge did not start: timed out after 15 s; last: .*nodes are available: .*Insufficient memory/,
  );
  await eventually(async () =>
    expect(await stage.namespace.kubectl("get", "vm", "huge")).toMatch(/ ErrorUnschedulable +False/),
  );
});
