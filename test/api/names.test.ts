import { expect, test } from "vitest";
import { hostnameOf } from "../../api/host-name.ts";
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

test.each([
  ["web", undefined, "web"],
  ["db.prod", undefined, "db"],
  ["db.prod.example", "store", "store"],
  ["0123.prod", undefined, "0123"],
  ["a".repeat(70), undefined, "a".repeat(63)],
  [`${"a".repeat(60)}--${"b".repeat(9)}`, undefined, `${"a".repeat(60)}--b`],
  [`${"a".repeat(61)}---${"b".repeat(9)}.prod`, undefined, "a".repeat(61)],
])("the host of an instance %s, whose spec says %s, is called %s", (name, hostname, expected) => {
  expect(hostnameOf({ metadata: { name }, spec: { hostname } })).toBe(expected);
  expect(expected).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
});

test("sub-resources have the paths that clients ask for", () => {
  const object = { namespace: "default", name: "web" };
  const prefix = "/apis/subresources.kubevirt.io/v1/namespaces/default";
  expect(machinePath(object, "start")).toBe(`${prefix}/virtualmachines/web/start`);
  expect(instancePath(object, "vnc/screenshot")).toBe(`${prefix}/virtualmachineinstances/web/vnc/screenshot`);
  expect(instancePath(object, portForward(22, "tcp"))).toBe(`${prefix}/virtualmachineinstances/web/portforward/22/tcp`);
});
