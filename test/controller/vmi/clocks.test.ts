import { expect, test } from "vitest";
import type { Event } from "../../../api/kube/events.ts";
import { slimInstance } from "../../../controller/cache/slim-instance.ts";
import type { InstanceContext } from "../../../controller/vmi/context.ts";
import { handOver } from "../../../controller/vmi/hand-over.ts";
import { reportProgress } from "../../../controller/vmi/report-progress.ts";
import { sandboxTrouble } from "../../../controller/vmi/sandbox-trouble.ts";
import { anInstance, aPod } from "../builders.ts";

/** What a stage sees of a pod that it has known for so long, when the API server says that it was made at a time. */
function aContext(creationTimestamp: string, podAge: number, nodeName?: string): InstanceContext {
  const instance = anInstance({
    metadata: { name: "demo", uid: "i", labels: nodeName ? { "kubevirt.io/nodeName": nodeName } : {} },
  });
  const pod = aPod(instance, { ...(nodeName ? { nodeName } : {}), status: { phase: "Pending" } });
  return {
    instance: slimInstance(instance),
    pod: { ...pod, metadata: { ...pod.metadata, creationTimestamp } },
    podAge,
    now: new Date("2026-01-01T10:00:00Z"),
    cache: { claims: { store: new Map() }, nodes: { store: new Map() } },
  } as unknown as InstanceContext;
}

const clocks = ["2026-01-01T09:50:00Z", "2026-01-01T10:00:00Z", "2026-01-01T10:10:00Z"];

test.for(clocks)("news of a placeholder waits for a moment when the API server's time is %s", async (time) => {
  expect(await reportProgress(aContext(time, 400))).toEqual({ after: 600 });
});

test.for(clocks)("a hand-over is told of when it takes long, when the API server's time is %s", async (time) => {
  expect(await handOver(aContext(time, 500, "node-1"))).toEqual({ after: 1500 });
});

test.for(clocks)("nobody asks at once why there is no sandbox, when the API server's time is %s", async (time) => {
  expect(await sandboxTrouble(aContext(time, 1000, "node-1"))).toEqual({ after: 2000 });
});

test("the trouble of a sandbox is what the API server was told last, whatever the clock of who told it", async () => {
  const anEvent = (reason: string, resourceVersion: string, lastTimestamp: string): Event => ({
    metadata: { resourceVersion },
    involvedObject: {},
    reason,
    message: reason,
    lastTimestamp,
  });
  const items = [
    anEvent("FailedMount", "1001", "2026-01-01T10:00:00Z"),
    anEvent("FailedAttachVolume", "998", "2026-01-01T10:05:00Z"),
    anEvent("FailedScheduling", "1002", "2026-01-01T10:06:00Z"),
  ];
  const context = { ...aContext("2026-01-01T10:00:00Z", 4000, "node-1"), client: { list: async () => ({ items }) } };
  const found = await sandboxTrouble(context as unknown as InstanceContext);
  expect(found?.trouble).toEqual({ reason: "FailedMount", message: "FailedMount" });
});
