import { copyFile, mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import { cluster, eventually } from "../cluster.ts";
import { useStage } from "./stage.ts";

const stage = useStage("examples");

test("the first manifest of the examples is a machine that a Service finds", async () => {
  await stage.namespace.kubectl("apply", "--filename=examples/vm.yaml");
  await stage.status("web", "Running");
  const address = await stage.field("vmi", "web", ".status.interfaces[0].ipAddress");
  const endpoints = "--selector=kubernetes.io/service-name=web";
  await eventually(async () => {
    const found = await stage.namespace.kubectl("get", "endpointslices", endpoints, "--output=yaml");
    expect(found).toContain(address);
  });
  await stage.namespace.kubectl("delete", "--filename=examples/vm.yaml", "--timeout=60s");
});

/** Runs the script as a job would, whose kubeconfig names a namespace. */
async function job(command: string): Promise<{ exitCode?: number; stdout: string; stderr: string }> {
  await using scratch = await mkdtempDisposable(join(tmpdir(), "job-"));
  const kubeconfig = join(scratch.path, "kubeconfig");
  await copyFile(cluster.kubeconfig, kubeconfig);
  const env = { ...stage.environment, KUBECONFIG: kubeconfig };
  await execa("kubectl", ["config", "set-context", "--current", `--namespace=${stage.namespace.name}`], { env });
  return await execa("examples/ci-job.sh", [command], { env, reject: false });
}

test("the script of a CI's job ends as its command does, and leaves no machine", async () => {
  const good = await job("uname -s");
  expect(good.exitCode, good.stderr).toBe(0);
  expect(good.stdout).toContain("Linux");
  const bad = await job("ls /no-such-folder");
  expect(bad.exitCode).toBe(1);
  expect(bad.stdout).toContain("No such file");
  expect(await stage.namespace.kubectl("get", "vm,vmi", "--output=name")).toBe("");
});
