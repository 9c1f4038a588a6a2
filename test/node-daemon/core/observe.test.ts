import { expect, test } from "vitest";
import type { Pod } from "../../../api/kube/resources/core-resources.ts";
import { missingPlaceholderTimeout, Observer } from "../../../node-daemon/core/observe.ts";
import type { Placeholder } from "../../../node-daemon/instance/placeholder.ts";
import type { Drivers } from "../../../node-daemon/steps/context.ts";

const identity = { namespace: "default", name: "db", uid: "u" };
const onNode = (nodeName: string, uid = "p"): Pod => ({
  metadata: { uid },
  spec: { nodeName, containers: [] },
  status: { phase: "Running" },
});

/** How a placeholder is that the watch does not show, at first and then; the API server says what there is. */
async function unseen(
  there: () => Promise<Pod | undefined>,
  recorded: string | undefined = "p",
): Promise<[Placeholder, () => Promise<Placeholder>]> {
  let now = 0;
  const observer = new Observer({
    nodeName: "node-1",
    drivers: { clock: { sinceBoot: () => now } } as Drivers,
    api: { placeholder: there },
    stateFolder: "/state",
    podOf: () => undefined,
    recordedPodOf: () => recorded,
  });
  const first = await observer.placeholder(identity);
  now = missingPlaceholderTimeout;
  return [first, () => observer.placeholder(identity)];
}

test("a placeholder that the watch has not brought is not gone while the API server has it", async () => {
  const [first, then] = await unseen(async () => onNode("node-1"));
  expect(first).toEqual({ state: "unseen" });
  expect(await then()).toMatchObject({ state: "there", uid: "p" });
});

test("a placeholder is gone when the API server has none on this node either", async () => {
  for (const pod of [undefined, onNode("node-2")]) {
    const [, then] = await unseen(async () => pod);
    expect(await then()).toMatchObject({ state: "ended", uid: undefined });
  }
});

test("a pod that took the place of the recorded one is not believed: the placeholder is gone", async () => {
  const [, then] = await unseen(async () => onNode("node-1", "forged"));
  expect(await then()).toMatchObject({ state: "ended", uid: undefined });
});

test("where no pod has been recorded, a pod in its place is neither believed nor missed", async () => {
  const observer = (pod: Pod | undefined): Observer =>
    new Observer({
      nodeName: "node-1",
      drivers: { clock: { sinceBoot: () => missingPlaceholderTimeout * calls++ } } as Drivers,
      api: { placeholder: async () => pod },
      stateFolder: "/state",
      podOf: () => undefined,
      recordedPodOf: () => undefined,
    });
  let calls = 1;
  const [there, gone] = [observer(onNode("node-1")), observer(undefined)];
  for (const one of [there, gone]) expect(await one.placeholder(identity)).toEqual({ state: "unseen" });
  expect(await there.placeholder(identity)).toEqual({ state: "unseen" });
  expect(await gone.placeholder(identity)).toMatchObject({ state: "ended" });
});

test("whether a placeholder is gone is not known while the API server is out of reach", async () => {
  const [, then] = await unseen(() => Promise.reject(new Error("out of reach")));
  await expect(then()).rejects.toThrow("out of reach");
});
