import { expect, test } from "vitest";
import { previousLog } from "../../../node-daemon/instance/paths.ts";
import { anInstance } from "../an-instance.ts";

const machine = { apiVersion: "kubevirt.io/v1", kind: "VirtualMachine", name: "db", uid: "m-1", controller: true };

test("the log before is found by the machine and its namespace, as anybody may name a machine of others", () => {
  const logOf = (namespace: string) =>
    previousLog("/state", anInstance({ metadata: { namespace, ownerReferences: [machine] } }));
  expect(logOf("shop")).toBe("/state/.previous-logs/shop_m-1.log");
  expect(logOf("attic")).toBe("/state/.previous-logs/attic_m-1.log");
});

test("an instance without a machine has no log before it, nor has one whose machine is no file's name", () => {
  expect(previousLog("/state", anInstance())).toBeUndefined();
  const ownerReferences = [{ ...machine, uid: "../../etc/passwd" }];
  expect(previousLog("/state", anInstance({ metadata: { ownerReferences } }))).toBeUndefined();
});
