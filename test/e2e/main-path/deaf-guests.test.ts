import { expect, test } from "vitest";
import { eventually } from "../cluster.ts";
import { nodeOf, useStage } from "./stage.ts";

const stage = useStage("deaf-guests");
const { namespace } = stage;

/** Seconds that a guest may take to shut down: longer than a test waits for anything. */
const gracePeriod = 150;

/** A machine that runs its firmware only, which hears no power button. */
function aMachine(name: string, runStrategy: string): object {
  const spec = { terminationGracePeriodSeconds: gracePeriod, domain: { memory: { guest: "64Mi" }, devices: {} } };
  return {
    apiVersion: "kubevirt.io/v1",
    kind: "VirtualMachine",
    metadata: { name },
    spec: { runStrategy, template: { spec } },
  };
}

const present = (): Promise<string> => namespace.kubectl("get", "vm,vmi", "--output=name");

test("a machine that is deleted by force ends at once", async () => {
  await namespace.apply(aMachine("forced", "Always"));
  await stage.status("forced", "Running");
  const dry = await stage.virtOk("delete forced --force --dry-run=server");
  expect(dry).toContain("deleted from deaf-guests namespace (server dry run)");
  expect(await stage.field("vmi", "forced", ".spec.terminationGracePeriodSeconds")).toBe(`${gracePeriod}`);
  await stage.virtOk("delete forced --force --timeout 60s");
  expect(await present()).toBe("");
});

test("one that is going already is hurried by another delete", async () => {
  await namespace.apply(aMachine("hurried", "Always"));
  await stage.status("hurried", "Running");
  await stage.virtOk("delete hurried --no-wait");
  await stage.status("hurried", "Terminating");
  expect(await stage.field("vmi", "hurried", ".metadata.uid")).not.toBe("");
  await stage.virtOk("delete hurried --grace-period=1 --timeout 60s");
  expect(await present()).toBe("");
});

test("the grace period of an instance that goes on without its machine stays", async () => {
  await namespace.apply(aMachine("left", "Always"));
  await stage.status("left", "Running");
  await stage.virtOk("delete left --force --cascade=orphan");
  expect(await present()).toBe("virtualmachineinstance.kubevirt.io/left");
  expect(await stage.field("vmi", "left", ".spec.terminationGracePeriodSeconds")).toBe(`${gracePeriod}`);
  await stage.virtOk("delete vmi/left --force --timeout 60s");
  expect(await present()).toBe("");
});

test("a machine whose guest has ended starts paused, as it is asked to, and is waited for", async () => {
  await namespace.apply(aMachine("manual", "Manual"));
  await stage.virtOk("start manual --wait --timeout 60s");
  const first = await stage.field("vmi", "manual", ".metadata.uid");
  const { bundle } = await nodeOf(stage, "manual");
  await bundle.run(["virsh", "destroy", "deaf-guests_manual"]);
  await eventually(async () => expect(await stage.field("vmi", "manual", ".status.phase")).toBe("Failed"));
  const { exitCode, stderr } = await stage.virt("start manual --paused --wait --timeout 60s");
  expect([exitCode, stderr]).toEqual([0, expect.stringMatching(/✓ manual is paused on node-\d/)]);
  expect(await stage.field("vmi", "manual", ".metadata.uid")).not.toBe(first);
  const again = await nodeOf(stage, "manual");
  expect(await again.bundle.run(["virsh", "domstate", "deaf-guests_manual"])).toContain("paused");
  await stage.virtOk("unpause manual");
  await stage.status("manual", "Running");
  await stage.virtOk("delete manual --force --timeout 60s");
});
