import { expect, test } from "vitest";
import { exceeds } from "../../../controller/cache/size.ts";
import { cachedInstance } from "../../../node-daemon/core/cached-instance.ts";
import { anInstance } from "../an-instance.ts";

const machine = { apiVersion: "kubevirt.io/v1", kind: "VirtualMachine", name: "web", uid: "1", controller: true };

test("of an instance's metadata there is kept which one it is and what the controller recorded, whatever else there is", () => {
  const plain = anInstance();
  const many = (count: number): Record<string, string> =>
    Object.fromEntries(Array.from({ length: count }, (_, number) => [`example.com/${number}`, "x".repeat(60)]));
  const recorded = { "kubevirt.io/placeholder-uid": "pod-1" };
  const metadata = {
    ...plain.metadata,
    labels: many(8000),
    annotations: { ...many(2000), ...recorded },
    managedFields: [many(1000)],
    ownerReferences: [...Array.from({ length: 1000 }, () => ({ ...machine, controller: false })), machine],
  };
  const kept = cachedInstance({ ...plain, metadata });
  expect(exceeds(kept.metadata, 2048)).toBe(false);
  const { annotations, ...rest } = kept.metadata;
  expect(rest).toEqual({ ...plain.metadata, ownerReferences: [machine] });
  expect(annotations).toEqual(recorded);
  expect(kept.spec).toBe(plain.spec);
});
