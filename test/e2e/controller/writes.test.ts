import { expect, test } from "vitest";
import { finalizers } from "../../../api/labels.ts";
import { aMachine, anInstance, readMachine, untilPhase, untilStatus, useStage } from "./stage.ts";

const stage = useStage("writes");
const { namespace } = stage;

/** What the controller wrote since, as `POST pods`, without names. */
function written(name: string): string[] {
  return stage.proxy.objectWrites.map(({ method, path }) => {
    const place = path.replace(/^.*\/namespaces\/[^/]+\//, "").replaceAll(name, "NAME");
    return `${method} ${place}`;
  });
}

/** Waits until the controller has nothing left to write: its own last word on an object is there. */
async function afresh(): Promise<void> {
  stage.proxy.writes.length = 0;
}

test("an instance takes three writes of the controller until it runs, and the daemon's one, and one event", async () => {
  await namespace.apply(anInstance("warm-up"));
  await untilPhase(namespace, "warm-up", "Running");
  await afresh();
  await namespace.apply(anInstance("counted"));
  await untilPhase(namespace, "counted", "Running");
  expect(written("counted")).toEqual([
    "POST pods",
    "PATCH virtualmachineinstances/NAME",
    "PATCH virtualmachineinstances/NAME/status",
  ]);
  expect(stage.proxy.writes.filter(({ path }) => path.endsWith("/events"))).toHaveLength(1);
  expect(stage.proxy.writes.filter(({ status }) => status >= 400)).toEqual([]);
});

test("a machine takes two more: the making of its instance, and its status", async () => {
  await afresh();
  await namespace.apply(aMachine("counted-too", "Always"));
  await untilStatus(namespace, "counted-too", "Running");
  expect(written("counted-too").toSorted()).toEqual(
    [
      "POST virtualmachineinstances",
      "POST pods",
      "PATCH virtualmachineinstances/NAME",
      "PATCH virtualmachineinstances/NAME/status",
      "PATCH virtualmachines/NAME/status",
    ].toSorted(),
  );
  expect(stage.proxy.writes.filter(({ status }) => status >= 400)).toEqual([]);
});

test("the end of a machine that is switched off takes four writes: its instance, the pod, the finalizer, its status", async () => {
  await untilStatus(namespace, "counted-too", "Running");
  await afresh();
  await namespace.kubectl("patch", "vm", "counted-too", "--type=merge", '--patch={"spec":{"runStrategy":"Halted"}}');
  await untilStatus(namespace, "counted-too", "Stopped");
  expect(written("counted-too").map((write) => write.replace(/NAME-.*/, "NAME"))).toEqual([
    "DELETE virtualmachineinstances/NAME",
    "DELETE pods/virt-launcher-NAME",
    "PATCH virtualmachineinstances/NAME",
    "PATCH virtualmachines/NAME/status",
  ]);
});

test("a machine that is switched on later gets its finalizer by the same write", async () => {
  await namespace.apply(aMachine("later", "Halted"));
  await untilStatus(namespace, "later", "Stopped");
  expect((await readMachine(namespace, "later"))?.metadata.finalizers).toBeUndefined();
  await afresh();
  await namespace.kubectl("patch", "vm", "later", "--type=merge", '--patch={"spec":{"runStrategy":"Always"}}');
  const { metadata } = await untilStatus(namespace, "later", "Running");
  expect(metadata.finalizers).toEqual([finalizers.machine]);
  expect(written("later")).not.toContain("PATCH virtualmachines/NAME");
});

test("nothing is written when nothing happens, but for the Lease", async () => {
  await afresh();
  // What would be written without need is written on the news that there is: a label that nobody asked for.
  await namespace.kubectl("label", "vm,vmi", "--all", "test/news=yes");
  await namespace.kubectl("annotate", "vm,vmi", "--all", "test/news=more");
  expect(stage.proxy.objectWrites).toEqual([]);
});
