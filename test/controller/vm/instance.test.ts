import { expect, test } from "vitest";
import { instanceOf } from "../../../controller/vm/instance.ts";
import { aMachine } from "../builders.ts";

test("a template that was made from an instance which ran leaves the next one no labels of that time", () => {
  const machine = aMachine();
  machine.spec.template.metadata = { labels: { app: "web", "kubevirt.io/nodeName": "node-7" } };
  expect(instanceOf(machine).metadata.labels).toEqual({ app: "web", "vm.kubevirt.io/name": machine.metadata.name });
});
