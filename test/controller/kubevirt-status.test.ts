import { expect, test } from "vitest";
import type { KubeVirt } from "../../api/resources.ts";
import { statusOf } from "../../controller/kubevirt/status.ts";

const now = new Date("2026-01-01T10:00:00Z");
const anObject = (parts: Partial<KubeVirt> = {}): KubeVirt => ({
  apiVersion: "kubevirt.io/v1",
  kind: "KubeVirt",
  metadata: { name: "kubevirt", generation: 3 },
  ...parts,
});
const inForce = (spec: KubeVirt["spec"]) =>
  statusOf(anObject({ spec }), now).conditions?.find(({ type }) => type === "SettingsInForce");

test("what is written already is written again as it is", () => {
  const status = statusOf(anObject(), now);
  expect(statusOf(anObject({ status }), new Date("2026-01-02T10:00:00Z"))).toEqual(status);
});

test("the release before takes for KubeVirt's what has a phase or the version of an operator", () => {
  expect(statusOf(anObject(), now)).not.toHaveProperty("phase");
  expect(statusOf(anObject(), now)).not.toHaveProperty("operatorVersion");
});

test("settings are named by their paths, a few of them", () => {
  expect(inForce({})).toMatchObject({ status: "True" });
  expect(inForce({ configuration: {} })).toMatchObject({ status: "True" });
  expect(inForce({ configuration: { a: { b: 1 }, c: [2] } })).toMatchObject({
    status: "False",
    message: "not supported: spec.configuration.a.b, spec.configuration.c",
  });
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, number) => [`setting-${number}`, true]));
  expect(inForce({ configuration: many })?.message).toMatch(/spec\.configuration\.setting-19, …$/);
});
