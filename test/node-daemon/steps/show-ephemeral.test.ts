import { expect, test } from "vitest";
import { placeholderPod } from "../../../controller/vmi/placeholder-pod.ts";
import type { HeldFile } from "../../../node-daemon/drivers/pods.ts";
import type { StepContext } from "../../../node-daemon/steps/context.ts";
import { showEphemeral } from "../../../node-daemon/steps/show-ephemeral.ts";
import { anInstance, settings } from "../../controller/builders.ts";

const instance = anInstance({
  spec: { domain: { memory: { guest: "128Mi" } }, volumes: [{ name: "data", emptyDisk: { capacity: "1Gi" } }] },
});
const pod = placeholderPod(instance, settings);
const mounted: HeldFile = { path: "/pods/uid/volumes/ephemeral-disks", [Symbol.asyncDispose]: async () => {} };

/** The folder in which disks are made after the step, in a pod that has what is given. */
async function shownIn(placeholder: typeof pod, found: HeldFile | undefined): Promise<string | undefined> {
  let shown: string | undefined;
  const pods = {
    ephemeralDisks: async () => {
      if (!found) throw new Error("the placeholder pod has no folder for its disks");
      return found;
    },
  };
  const disks = {
    showEphemeral: async (_: unknown, folder: HeldFile) => {
      shown = folder.path;
    },
  };
  const context = { instance, pod: placeholder, container: {}, drivers: { pods, disks }, paths: {} };
  await showEphemeral(context as unknown as StepContext);
  return shown;
}

test("disks are made in the placeholder's folder", async () => {
  expect(await shownIn(pod, mounted)).toBe(mounted.path);
});

test("nothing is made on the node, where nobody counts it, because a folder is not mounted that was promised", async () => {
  await expect(shownIn(pod, undefined)).rejects.toThrow("no folder for its disks");
});

test("in the placeholder of a controller of the release before, which has no such folder, disks are the node's", async () => {
  const { volumes: _, ...spec } = pod.spec ?? { containers: [] };
  expect(await shownIn({ ...pod, spec }, undefined)).toBeUndefined();
});
