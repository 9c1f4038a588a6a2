import { expect, test } from "vitest";
import type { Pod } from "../../../api/kube/resources/core-resources.ts";
import { eventually } from "../cluster.ts";
import { rounds, thorough } from "../rounds.ts";
import type { Write } from "./api-proxy.ts";
import { ControllerProcess } from "./controller-process.ts";
import { aMachine, readInstance, readMachine, untilGone, untilPhase, untilStatus, useStage } from "./stage.ts";

const stage = useStage("crashes");
const { namespace } = stage;

/** All pods of placeholders that were ever there at the same time for a machine. */
async function podsOf(name: string): Promise<Pod[]> {
  const text = await namespace.kubectl("get", "pods", `--selector=vm.kubevirt.io/name=${name}`, "--output=json");
  return JSON.parse(text).items;
}

/** Kills the controller after its write number `nth` for a machine, before it hears of it, and starts it anew. */
function killAfter(nth: number, name: string): { killed: () => Write | undefined } {
  let seen = 0;
  let killed: Write | undefined;
  stage.proxy.onWrite = async (write) => {
    const concerns =
      write.path.includes(`/${name}`) || (write.method === "POST" && /\/(pods|virtualm\w+)$/.test(write.path));
    if (!concerns || killed || write.status >= 400) return true;
    seen += 1;
    if (seen !== nth) return true;
    killed = write;
    await stage.controller.kill();
    stage.controller.start();
    return false;
  };
  return { killed: () => killed };
}

test("killed after any write from the creation of a machine to its deletion, the controller goes on where it was", async () => {
  const killedAt: string[] = [];
  for (const nth of rounds(Array.from({ length: 22 }, (_, index) => index + 1))) {
    const name = `life-${nth}`;
    const { killed } = killAfter(nth, name);
    await namespace.apply(aMachine(name, "Always"));
    await untilStatus(namespace, name, "Running");
    const first = await untilPhase(namespace, name, "Running");
    expect(await podsOf(name)).toHaveLength(1);
    // Fails once, is made anew, then goes.
    await stage.daemon.endGuest(namespace.name, name, "Failed");
    await eventually(async () => {
      const next = await readInstance(namespace, name);
      expect(next?.metadata.uid).not.toBe(first.metadata.uid);
      expect(next?.status?.phase).toBe("Running");
    });
    await untilStatus(namespace, name, "Running");
    await namespace.kubectl("delete", "vm", name, "--timeout=120s");
    await untilGone(namespace, "vmi", name);
    await eventually(async () => expect(await podsOf(name)).toEqual([]));
    const write = killed();
    if (!write) break;
    killedAt.push(`${write.method} ${write.path.replace(/^.*namespaces\/[^/]+\//, "").replaceAll(name, "NAME")}`);
  }
  stage.proxy.onWrite = undefined;
  console.log(`killed after: ${killedAt.join(", ")}`);
  expect(killedAt.length).toBeGreaterThanOrEqual(thorough ? 10 : 4);
}, 900_000);

test("of two controllers one works, and the other goes on when that is killed", async () => {
  const other = new ControllerProcess(stage.kubeconfig, "controller-2");
  other.start();
  await eventually(async () => expect(other.log).toContain("starting"));
  await namespace.apply(aMachine("first", "Always"));
  await untilStatus(namespace, "first", "Running");
  expect(other.log).not.toContain('"leading"');
  await stage.controller.kill();
  await namespace.apply(aMachine("second", "Always"));
  await eventually(async () => expect(other.log).toContain('"leading"'), 60_000);
  await untilStatus(namespace, "second", "Running");
  expect((await podsOf("second")).length).toBe(1);
  // It gives way at once when it is asked to end.
  stage.controller.start();
  await eventually(async () => expect(stage.controller.log).toContain("starting"));
  expect(await other.end()).toBe(0);
  await namespace.kubectl("delete", "vm", "first", "second", "--timeout=120s");
});

test("what happens while no controller is there is made good when it returns", async () => {
  await namespace.apply(aMachine("kept", "Always"), aMachine("gone", "Always"));
  await untilStatus(namespace, "kept", "Running");
  await untilStatus(namespace, "gone", "Running");
  await stage.controller.kill();
  const before = await readInstance(namespace, "kept");
  await namespace.kubectl("delete", "vm", "gone", "--wait=false");
  await namespace.apply(aMachine("new", "Always"));
  stage.controller.start();
  await untilGone(namespace, "vm", "gone");
  await untilStatus(namespace, "new", "Running");
  expect((await readInstance(namespace, "kept"))?.metadata.uid).toBe(before?.metadata.uid);
  expect((await readMachine(namespace, "kept"))?.status?.printableStatus).toBe("Running");
});
