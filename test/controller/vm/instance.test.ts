import { expect, test } from "vitest";
import { instanceOf } from "../../../controller/vm/instance.ts";
import { aMachine } from "../builders.ts";

test("what no instance may have reaches none from a template that is older, or was made from an instance which ran", () => {
  const machine = aMachine();
  machine.spec.template.metadata = {
    labels: { app: "web", "kubevirt.io/nodeName": "node-7" },
    annotations: { note: "kept", "kubevirt.io/ignitiondata": "{}" },
  };
  expect(instanceOf(machine).metadata.labels).toEqual({ app: "web", "vm.kubevirt.io/name": machine.metadata.name });
  const { note, "kubevirt.io/ignitiondata": ignition } = instanceOf(machine).metadata.annotations ?? {};
  expect([note, ignition]).toEqual(["kept", undefined]);
});
