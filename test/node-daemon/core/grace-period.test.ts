import { expect, test } from "vitest";
import type { StopNote } from "../../../node-daemon/drivers/notes.ts";

import { aDomain, aNode, aStorage, deleted, instance } from "./a-node.ts";

/** A node with a guest that does not listen, its instance deleted just now; how its clocks go is up to the test. */
function aStoppingNode({ aheadBy = 0, isFull = false }: { aheadBy?: number; isFull?: boolean } = {}) {
  const at = { now: 1_000_000, boot: "boot-1", stopping: undefined as StopNote | undefined, done: [] as string[] };
  const start = () => {
    const node = aNode({
      storage: {
        observe: async () => aStorage({ started: true, stopping: at.stopping }),
      },
      notes: {
        noteStop: async (_, note) => {
          if (isFull) throw new Error("ENOSPC: no space left on device, write");
          at.stopping = note;
        },
      },
      hypervisor: {
        observe: async () => aDomain,
        shutdown: async () => void at.done.push("shutdown"),
        destroy: async () => void at.done.push("destroy"),
      },
      clock: { now: () => new Date(Date.now() + aheadBy), sinceBoot: () => at.now, boot: at.boot },
    });
    const metadata = { ...instance.metadata, ...deleted };
    const spec = { ...instance.spec, terminationGracePeriodSeconds: 30 };
    /** What is done to the guest when it is looked at so many milliseconds later. */
    return async (later = 0): Promise<string[]> => {
      at.now += later;
      at.done = [];
      await node.waitsAfter({ instance: { ...instance, metadata, spec } });
      return [...new Set(at.done)];
    };
  };
  return { at, start };
}

test.for([-600_000, 0, 600_000])(
  "a guest has its grace period on a node whose clock is ahead of the API server's by %d ms",
  async (aheadBy) => {
    const look = aStoppingNode({ aheadBy }).start();
    expect(await look()).toEqual(["shutdown"]);
    expect(await look(29_999)).toEqual(["shutdown"]);
    expect(await look(1)).toEqual(["destroy"]);
  },
);

test("a guest has one grace period however often the daemon is started anew", async () => {
  const node = aStoppingNode();
  expect(await node.start()()).toEqual(["shutdown"]);
  expect(await node.start()(29_999)).toEqual(["shutdown"]);
  expect(await node.start()(1)).toEqual(["destroy"]);
});

test("what was noted of a grace period before the node started anew says nothing of it", async () => {
  const node = aStoppingNode();
  expect(await node.start()()).toEqual(["shutdown"]);
  Object.assign(node.at, { now: 5000, boot: "boot-2" });
  const look = node.start();
  expect(await look()).toEqual(["shutdown"]);
  expect(node.at.stopping).toEqual({ boot: "boot-2", since: 5000 });
  expect(await look(30_000)).toEqual(["destroy"]);
});

test("a grace period ends on a node whose disk is full", async () => {
  const look = aStoppingNode({ isFull: true }).start();
  expect(await look()).toEqual(["shutdown"]);
  expect(await look(30_000)).toEqual(["destroy"]);
});
