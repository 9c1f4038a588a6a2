import { afterAll, beforeAll, expect, test } from "vitest";
import { cluster, nodes, useNamespace } from "../cluster.ts";
import { ControllerProcess } from "../controller/controller-process.ts";
import { DaemonOnNode } from "../node-daemon/daemon-on-node.ts";
import { usePlugin } from "./plugin.ts";

const plugin = usePlugin();
const namespace = useNamespace("cli-running");
const daemons = nodes.map((node) => new DaemonOnNode(cluster, node));
const controller = new ControllerProcess(cluster.kubeconfig);

beforeAll(async () => {
  plugin.flags = ["--kubeconfig", cluster.kubeconfig, "--namespace", namespace.name];
  await cluster.kubectl(["apply", "--server-side", "--filename=deploy/manifests/crds"]);
  const addOn = { apiVersion: "v1", kind: "Namespace", metadata: { name: "kubevirt" } };
  await cluster.kubectl(["apply", "--filename=-"], { input: JSON.stringify(addOn) });
  for (const daemon of daemons) {
    await daemon.kill();
    await daemon.install();
    await daemon.start();
  }
  controller.start();
});

afterAll(async () => {
  await namespace.kubectl("delete", "vm,vmi", "--all", "--timeout=60s");
  await controller.end();
  for (const daemon of daemons) await daemon.kill("SIGTERM");
});

const virt = (line: string) => plugin.run(line.split(" "));

test("a machine is created and runs, is told of, and is deleted to the end", async () => {
  const line = "create real --image localhost/tiny:latest --image-pull-policy Never --memory 160Mi --wait";
  const created = await virt(line);
  expect(created).toMatchObject({ code: 0, stdout: "virtualmachine.kubevirt.io/real created\n" });
  expect(created.stderr).toMatch(/✓ real runs on node-\d/);
  // The same once more: it is there and runs, which is what was asked for.
  expect(await virt(line)).toMatchObject({ code: 0, stdout: "virtualmachine.kubevirt.io/real unchanged\n" });

  const { stdout } = await virt("describe real");
  expect(stdout).toMatch(/^Status: +Running$/m);
  expect(stdout).toMatch(/^Phase: +Running$/m);
  expect(stdout).toMatch(/Normal +Started /);

  expect(await virt("delete real")).toMatchObject({ code: 0 });
  expect(await namespace.kubectl("get", "vm,vmi", "--output=name")).toBe("");
});

test("a machine whose image is not there is told so, with the kubelet's words and exit code 1", async () => {
  const run = await virt("create lost --image localhost/absent:1 --memory 64Mi --wait");
  expect(run.code).toBe(1);
  expect(run.stderr).toMatch(/error: virtualmachine\.kubevirt\.io\/lost did not start: .*localhost\/absent:1/);
});

test("a machine that no node has room for is told so when the time is up", async () => {
  const run = await virt("create huge --image localhost/tiny:latest --memory 4Ti --wait --timeout 5s");
  expect(run.code).toBe(1);
  expect(run.stderr).toMatch(
    /error: .*\/huge did not start: timed out after 5\.0 s; last: .*nodes are available: .*Insufficient memory/,
  );
});
