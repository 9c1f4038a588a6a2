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

test("a machine that no node has room for is told of so, with the scheduler's words and exit code 1", async () => {
  const { exitCode, stderr } = await stage.virt(
    "create huge --image localhost/tiny:latest --memory 4Ti --wait --timeout 15s",
  );
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(
    /error: .*\/huge did not start: timed out after 15\.0 s; last: .*nodes are available: .*Insufficient memory/,
  );
  await eventually(async () =>
    expect(await stage.namespace.kubectl("get", "vm", "huge")).toMatch(/ ErrorUnschedulable +False/),
  );
});
