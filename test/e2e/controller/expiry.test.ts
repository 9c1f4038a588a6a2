import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { eventually } from "../cluster.ts";
import { aMachine, anInstance, readMachine, untilGone, untilPhase, useStage } from "./stage.ts";

const { namespace } = useStage("expiry");
const expireAfter = "kubevirt.io/expire-after";

const expiring = (object: object, time: string): object => {
  const { metadata } = object as { metadata: object };
  return { ...object, metadata: { ...metadata, annotations: { [expireAfter]: time } } };
};

test("a machine and an instance of their own are deleted when their time is over, with what belongs to them", async () => {
  await namespace.apply(
    expiring(aMachine("short", "Always"), "8s"),
    expiring(anInstance("alone"), "8s"),
    expiring(aMachine("long", "Always"), "1h"),
  );
  await untilPhase(namespace, "short", "Running");
  for (const [kind, name] of [
    ["vm", "short"],
    ["vmi", "short"],
    ["vmi", "alone"],
  ] as const) {
    await untilGone(namespace, kind, name);
  }
  await eventually(async () => {
    const events = await namespace.kubectl(
      "get",
      "events",
      "--field-selector=reason=Expired",
      '-o=jsonpath={range .items[*]}{.involvedObject.kind} {.involvedObject.name}: {.message}{"\\n"}{end}',
    );
    expect(events.trim().split("\n").toSorted()).toEqual([
      "VirtualMachine short: Deleted: its expiry was not renewed for 8s",
      "VirtualMachineInstance alone: Deleted: its expiry was not renewed for 8s",
    ]);
  });
  expect(await readMachine(namespace, "long")).toBeDefined();
});

test("a machine stays as long as somebody renews it", async () => {
  await namespace.apply(expiring(aMachine("kept", "Halted"), "20s"));
  const made = performance.now();
  for (let renewal = 0; performance.now() - made < 30_000; renewal += 1) {
    await delay(2000);
    await namespace.kubectl("annotate", "vm", "kept", `kubevirt.io/renewed=${renewal}`, "--overwrite");
  }
  expect((await readMachine(namespace, "kept"))?.metadata.deletionTimestamp).toBeUndefined();
});

test.for(["soon", "-5s", "1.5h", "5", ""])("an expiry that cannot be read is refused by name: %j", async (time) => {
  for (const object of [aMachine("bad", "Halted"), anInstance("bad")]) {
    await expect(namespace.apply(expiring(object, time))).rejects.toThrow(
      `metadata.annotations: ${expireAfter}: "${time}" is no duration such as 90s or 1h30m`,
    );
  }
});
