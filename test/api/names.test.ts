import { expect, test } from "vitest";
import { instanceIdLabel } from "../../api/names.ts";
import { instancePath, machinePath, portForward } from "../../api/sub-resources.ts";

test("a short name is its own label", () => {
  expect(instanceIdLabel("a".repeat(63))).toBe("a".repeat(63));
});

test("a long name is cut to 54 characters and told apart by its digest", () => {
  const label = instanceIdLabel("a".repeat(64));
  expect(label).toBe(`${"a".repeat(54)}-0098ba82`);
  expect(instanceIdLabel(`${"a".repeat(63)}b`)).not.toBe(label);
});

test("sub-resources have the paths that clients ask for", () => {
  const object = { namespace: "default", name: "web" };
  const prefix = "/apis/subresources.kubevirt.io/v1/namespaces/default";
  expect(machinePath(object, "start")).toBe(`${prefix}/virtualmachines/web/start`);
  expect(instancePath(object, "vnc/screenshot")).toBe(`${prefix}/virtualmachineinstances/web/vnc/screenshot`);
  expect(instancePath(object, portForward(22, "tcp"))).toBe(`${prefix}/virtualmachineinstances/web/portforward/22/tcp`);
});
