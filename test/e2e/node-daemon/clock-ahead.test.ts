import { join } from "node:path";
import { expect, test } from "vitest";
import { pods } from "../../../api/kube/resources/core-resources.ts";
import { instances } from "../../../api/resources.ts";
import { eventually } from "../cluster.ts";
import { aGuestless, anInstance } from "./hand-over.ts";
import { useDaemon } from "./stage.ts";

const namespace = "clock-ahead";
const stage = useDaemon(namespace, { before: join(import.meta.dirname, "clock-ahead.ts") });
const { daemon, name, run, phase, consoleOf, podOf, remove } = stage;

test("a guest shuts down in order on a node whose clock is ten minutes ahead of the API server's", async () => {
  const instance = await run(anInstance(name(), namespace));
  const [running] = (instance.status?.phaseTransitionTimestamps ?? []).filter((entry) => entry.phase === "Running");
  const told =
    Date.parse(running?.phaseTransitionTimestamp ?? "") - Date.parse(instance.metadata.creationTimestamp ?? "");
  expect(told, "the daemon's clock is ahead").toBeGreaterThan(500_000);
  await eventually(async () => expect(await consoleOf(instance)).toContain("login:"));
  await remove(instance);
  const { status } = await phase(instance, "Succeeded");
  expect(status?.reason).toBe("The machine was shut down.");
});

test("a guest whose pod is deleted shuts down in order there, too", async () => {
  const instance = await run(anInstance(name(), namespace));
  await eventually(async () => expect(await consoleOf(instance)).toContain("login:"));
  const pod = await podOf(instance);
  await stage.controller.client.delete(pods, { namespace, name: pod.name });
  await phase(instance, "Failed");
  expect(await consoleOf(instance)).toContain("Power down");
});

test("a guest has one grace period over a restart of the daemon, and a shorter one ends it at once", async () => {
  const instance = await run(aGuestless(name(), namespace, { terminationGracePeriodSeconds: 3600 }));
  const note = (): Promise<string> => daemon.sh(`cat /var/lib/kubevirt-node/${instance.metadata.uid}/stopping.json`);
  await remove(instance);
  const noted = await eventually(note);
  await daemon.kill();
  await daemon.start();
  await eventually(async () =>
    expect(await daemon.log()).toMatch(/"do":"press-power-button".*"do":"press-power-button"/s),
  );
  expect(await note()).toBe(noted);
  const key = { namespace, name: instance.metadata.name ?? "" };
  await stage.controller.client.mergePatch(instances, key, { spec: { terminationGracePeriodSeconds: 0 } });
  const { status } = await phase(instance, "Succeeded");
  expect(status?.reason).toContain("by force");
});
