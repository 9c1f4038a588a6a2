import { expect, test } from "vitest";
import { finalizers } from "../../../api/contract/labels.ts";
import { eventually } from "../cluster.ts";
import { aMachine, anInstance, readMachine, untilPhase, untilStatus, useStage } from "./stage.ts";

const stage = useStage("writes");
const { namespace } = stage;

/** What the controller wrote since, as `POST pods`, without names. */
function written(name: string): string[] {
  return stage.proxy.objectWrites.map(({ method, path }) => {
    const place = path.replace(/^.*\/namespaces\/[^/]+\//, "").replaceAll(name, "NAME");
    return `${method} ${place.replace(/revision-start-vm-.*/, "REVISION")}`;
  });
}

async function afresh(): Promise<void> {
  stage.proxy.writes.length = 0;
}

/**
 * Tries again, with another name, what takes so few writes only where nothing is slow: what is late is told of meanwhile,
 * and on a busy machine a pod's placement or a guest's end may be.
 */
async function atBest(word: string, attempt: (name: string) => Promise<void>): Promise<void> {
  for (let number = 1; number < 6; number += 1) {
    try {
      return await attempt(`${word}-${number}`);
    } catch (error) {
      console.log(`${word}-${number}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  await attempt(`${word}-6`);
}

const nothingRefused = (): void => expect(stage.proxy.writes.filter(({ status }) => status >= 400)).toEqual([]);

test("an instance takes two writes of the controller until it runs, and the daemon's one, and one event", async () => {
  await namespace.apply(anInstance("warm-up"));
  await untilPhase(namespace, "warm-up", "Running");
  await atBest("counted", async (name) => {
    await afresh();
    await namespace.apply(anInstance(name));
    await untilPhase(namespace, name, "Running");
    expect(written(name)).toEqual(["POST pods", "PATCH virtualmachineinstances/NAME"]);
    const events = () => stage.proxy.writes.filter(({ path }) => path.endsWith("/events"));
    await eventually(async () => expect(events()).toHaveLength(1));
    nothingRefused();
  });
});

test("a machine takes three more, its revision, its instance and its status, and five to be switched off", async () => {
  await atBest("machine", async (name) => {
    await afresh();
    await namespace.apply(aMachine(name, "Always"));
    await untilStatus(namespace, name, "Running");
    expect(written(name).toSorted()).toEqual(
      [
        "POST controllerrevisions",
        "POST virtualmachineinstances",
        "POST pods",
        "PATCH virtualmachineinstances/NAME",
        "PATCH virtualmachines/NAME/status",
      ].toSorted(),
    );
    await afresh();
    await namespace.kubectl("patch", "vm", name, "--type=merge", '--patch={"spec":{"runStrategy":"Halted"}}');
    await untilStatus(namespace, name, "Stopped");
    expect(written(name).map((write) => write.replace(/NAME-.*/, "NAME"))).toEqual([
      "DELETE virtualmachineinstances/NAME",
      "DELETE pods/virt-launcher-NAME",
      "DELETE controllerrevisions/REVISION",
      "PATCH virtualmachineinstances/NAME",
      "PATCH virtualmachines/NAME/status",
    ]);
    nothingRefused();
  });
});

test("a machine that is made switched off takes one, and gets its finalizer by the write that switches it on", async () => {
  await afresh();
  await namespace.apply(aMachine("later", "Halted"));
  const { status } = await untilStatus(namespace, "later", "Stopped");
  expect(status).toMatchObject({ conditions: [{ type: "Ready", status: "False" }] });
  // One that is made after it is looked at after it.
  await namespace.apply(aMachine("second", "Always"));
  await untilStatus(namespace, "second", "Running");
  expect(written("later").filter((write) => write.includes("virtualmachines/NAME"))).toEqual([
    "PATCH virtualmachines/NAME/status",
  ]);
  expect((await readMachine(namespace, "later"))?.metadata.finalizers).toBeUndefined();
  await afresh();
  await namespace.kubectl("patch", "vm", "later", "--type=merge", '--patch={"spec":{"runStrategy":"Always"}}');
  const { metadata } = await untilStatus(namespace, "later", "Running");
  expect(metadata.finalizers).toEqual([finalizers.machine]);
  expect(written("later")).not.toContain("PATCH virtualmachines/NAME");
});

test("nothing is written when nothing happens, but for the Lease", async () => {
  await untilStatus(namespace, "later", "Running");
  await afresh();
  // What would be written without need is written on the news that there is: a label that nobody asked for.
  await namespace.kubectl("label", "vm,vmi", "--all", "test/news=yes");
  await namespace.kubectl("annotate", "vm,vmi", "--all", "test/news=more");
  expect(stage.proxy.objectWrites).toEqual([]);
});
