import { execa } from "execa";
import { afterAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { version } from "../../../api/version.ts";
import { eventually, type Namespace, useNamespace } from "../cluster.ts";
import { withQuota } from "../controller/stage.ts";
import { nodeOf, useStage } from "./stage.ts";

const stage = useStage("commands");
const elsewhere = useNamespace("commands-elsewhere");
const { namespace } = stage;

// Nothing that is left keeps anybody waiting for its grace period.
afterAll(async () => {
  for (const { name } of [namespace, elsewhere]) {
    const line = `virt delete vm,vmi --all --force --timeout 60s --namespace=${name}`;
    await execa("kubectl", line.split(" "), { env: stage.environment });
  }
});

/** Seconds that a guest may take to shut down: longer than a test waits for anything. */
const gracePeriod = 150;

/** A machine that runs its firmware only, which hears no power button. */
function aMachine(name: string, runStrategy: string): object {
  const spec = { terminationGracePeriodSeconds: gracePeriod, domain: { memory: { guest: "64Mi" }, devices: {} } };
  return {
    apiVersion: "kubevirt.io/v1",
    kind: "VirtualMachine",
    metadata: { name, labels: { test: name } },
    spec: { runStrategy, template: { spec } },
  };
}

const uid = (name: string): Promise<string> => stage.field("vmi", name, ".metadata.uid");
const named = (...names: readonly string[]): string =>
  names.map((name) => `virtualmachine.kubevirt.io/${name}\n`).join("");

describe("delete", () => {
  const present = (): Promise<string> => namespace.kubectl("get", "vm,vmi", "--output=name");

  test("by force ends a guest at once", async () => {
    await namespace.apply(aMachine("forced", "Always"));
    await stage.status("forced", "Running");
    const dry = await stage.virtOk("delete forced --force --dry-run=server");
    expect(dry).toContain("deleted from commands namespace (server dry run)");
    expect(await stage.field("vmi", "forced", ".spec.terminationGracePeriodSeconds")).toBe(`${gracePeriod}`);
    expect(await stage.field("vm", "forced", ".metadata.deletionTimestamp")).toBe("");
    await stage.virtOk("delete forced --force --timeout 60s");
    expect(await present()).toBe("");
  });

  test("hurries a machine that is going already", async () => {
    await namespace.apply(aMachine("hurried", "Always"));
    await stage.status("hurried", "Running");
    await stage.virtOk("delete hurried --no-wait");
    await stage.status("hurried", "Terminating");
    expect(await uid("hurried")).not.toBe("");
    await stage.virtOk("delete hurried --grace-period=1 --timeout 60s");
    expect(await present()).toBe("");
  });

  test("leaves an instance that is to go on its grace period", async () => {
    await namespace.apply(aMachine("left", "Always"));
    await stage.status("left", "Running");
    await stage.virtOk("delete left --force --cascade=orphan");
    expect(await present()).toBe("virtualmachineinstance.kubevirt.io/left");
    expect(await stage.field("vmi", "left", ".spec.terminationGracePeriodSeconds")).toBe(`${gracePeriod}`);
    await stage.virtOk("delete vmi/left --force --timeout 60s");
    expect(await present()).toBe("");
  });
});

test("a machine whose guest has ended starts paused, as it is asked to, and is waited for", async () => {
  await namespace.apply(aMachine("manual", "Manual"));
  await stage.virtOk("start manual --wait --timeout 60s");
  const first = await uid("manual");
  const { bundle } = await nodeOf(stage, "manual");
  await bundle.run(["virsh", "destroy", "commands_manual"]);
  await eventually(async () => expect(await stage.field("vmi", "manual", ".status.phase")).toBe("Failed"));
  const { exitCode, stderr } = await stage.virt("start manual --paused --wait --timeout 60s");
  expect([exitCode, stderr]).toEqual([0, expect.stringMatching(/✓ manual is paused on node-\d/)]);
  expect(await uid("manual")).not.toBe(first);
  const again = await nodeOf(stage, "manual");
  expect(await again.bundle.run(["virsh", "domstate", "commands_manual"])).toContain("paused");
  await stage.virtOk("unpause manual");
  await stage.status("manual", "Running");
  await stage.virtOk("delete manual --force --timeout 60s");
});

test("starts that are in vain end with a stop", async () => {
  await withQuota(namespace, { "count/virtualmachineinstances.kubevirt.io": "0" }, async () => {
    await namespace.apply(
      aMachine("vain", "Manual"),
      aMachine("rerun", "RerunOnFailure"),
      aMachine("paused", "Halted"),
    );
    await stage.virtOk("start paused --paused");
    await namespace.kubectl("wait", "vm", "paused", "--for=condition=Failure", "--timeout=60s");
    expect(await stage.virt("start vain --wait --timeout 60s")).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/vain did not start: .*exceeded quota/),
    });
    await namespace.kubectl("wait", "vm", "rerun", "--for=condition=Failure", "--timeout=60s");
    await stage.virtOk("stop vain rerun paused --wait --timeout 60s");
    for (const name of ["vain", "rerun", "paused"]) {
      await stage.status(name, "Stopped");
      expect(await stage.field("vm", name, ".status.stateChangeRequests")).toBe("");
    }
    expect(await stage.field("vm", "rerun", ".status.runStrategy")).toBe("RerunOnFailure");
    expect(await stage.field("vm", "paused", ".spec.runStrategy")).toBe("Halted");
  });
  await stage.virtOk("start rerun --wait --timeout 60s");
  await stage.virtOk("delete vain rerun paused --force --timeout 60s");
});

describe("with --all or --selector", () => {
  /** What of the machines of a namespace a command could change. */
  async function state(of: Namespace): Promise<string> {
    const fields = "{.metadata.uid}{.metadata.deletionTimestamp}{.spec}{.status.phase}{.status.printableStatus}";
    return of.kubectl("get", "vm,vmi", `--output=jsonpath={range .items[*]}${fields}{"\\n"}{end}`);
  }
  let before = "";

  test("start starts the machines of the namespace", async () => {
    await namespace.apply(aMachine("one", "Halted"), aMachine("two", "Halted"));
    await elsewhere.apply(aMachine("three", "Always"));
    await stage.status("two", "Stopped");
    for (const how of ["client", "server"]) {
      expect(await stage.virtOk(`start --all --dry-run=${how} -o name`)).toBe(named("one", "two"));
    }
    expect(await stage.field("vm", "one", ".spec.runStrategy")).toBe("Halted");
    expect(await stage.virtOk("start --all -o name --wait --timeout 60s")).toBe(named("one", "two"));
    for (const name of ["one", "two"]) await stage.status(name, "Running");
    await elsewhere.kubectl("wait", "vm", "three", "--for=condition=Ready", "--timeout=60s");
    before = await state(elsewhere);
  });

  test("nothing is changed by a dry run", async () => {
    const running = await state(namespace);
    for (const how of ["client", "server"]) {
      for (const change of ["stop --force", "restart --force", "pause"]) {
        const line = `${change} --all -o name --dry-run=${how}`;
        expect([line, await stage.virtOk(line)]).toEqual([line, named("one", "two")]);
      }
    }
    expect(await stage.virtOk("unpause -l test=one --dry-run=client")).toBe(
      "virtualmachine.kubevirt.io/one unpaused (dry run)\n",
    );
    expect(await state(namespace)).toBe(running);
  });

  test("those that can be changed are, and the others are told of", async () => {
    expect(await stage.virtOk("pause -l test=one")).toBe("virtualmachine.kubevirt.io/one paused\n");
    await stage.status("one", "Paused");
    await stage.status("two", "Running");
    expect(await stage.virt("unpause --all -o name")).toMatchObject({
      exitCode: 1,
      stdout: named("one"),
      stderr: expect.stringMatching(/"two": VMI is not paused/),
    });
    await stage.status("one", "Running");
  });

  test("restart --force leaves a guest no time", async () => {
    const [one, two] = [await uid("one"), await uid("two")];
    await stage.virtOk("restart -l test=one --force");
    await eventually(async () => expect(await uid("one")).not.toBe(one));
    await stage.status("one", "Running");
    expect(await uid("two")).toBe(two);
  });

  test("stop leaves a guest as much time as it is told, and waits for its end", async () => {
    expect(await stage.virt("stop one --grace-period=1 --wait --timeout 60s")).toMatchObject({
      exitCode: 0,
      stderr: expect.stringMatching(/✓ one has stopped/),
    });
    await stage.status("one", "Stopped");
    expect(await stage.virt("stop --all --force --wait --timeout 60s -o name")).toMatchObject({
      exitCode: 1,
      stdout: named("two"),
      stderr: expect.stringMatching(/✓ two has stopped/),
    });
    await stage.status("two", "Stopped");
    expect(await namespace.kubectl("get", "vmi", "--output=name")).toBe("");
  });

  test("nothing of it happens in another namespace", async () => {
    await stage.virtOk("delete --all");
    expect(await namespace.kubectl("get", "vm", "--output=name")).toBe("");
    expect(await state(elsewhere)).toBe(before);
  });
});

test("version tells of both sides", async () => {
  const level = await stage.namespace.kubectl("get", "--raw", "/apis/subresources.kubevirt.io/v1/version");
  const { gitVersion } = JSON.parse(level);
  expect(await stage.virtOk("version")).toBe(
    `Client Version: ${version}\nServer Version: ${version} (KubeVirt API ${gitVersion})\n`,
  );
  const both = { clientVersion: { gitVersion: version }, serverVersion: { gitVersion, addOnVersion: version } };
  expect(JSON.parse(await stage.virtOk("version -o json"))).toMatchObject(both);
  expect(parse(await stage.virtOk("version -o yaml"))).toMatchObject(both);
});
