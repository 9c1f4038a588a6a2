import { expect, test } from "vitest";
import { isInstalled, leadsElsewhere } from "../../../controller/kubevirt/presence.ts";

const own = { namespace: "kubevirt", service: "virt-api" };

test("a KubeVirt object installs KubeVirt once its operator has taken it on, not when tools have written it", () => {
  expect(isInstalled({ metadata: { name: "kubevirt" } })).toBe(false);
  expect(isInstalled({ metadata: { finalizers: ["foregroundDeleteKubeVirt"] } })).toBe(true);
  expect(isInstalled({ status: { phase: "Deploying" } })).toBe(true);
  expect(isInstalled({ status: { operatorVersion: "v1.9.0" } })).toBe(true);
  const ours = { labels: { "app.kubernetes.io/part-of": "kubectl-virt" } };
  expect(isInstalled({ metadata: ours, status: { phase: "Deployed" } })).toBe(false);
  expect(isInstalled({ metadata: { ...ours, finalizers: ["foregroundDeleteKubeVirt"] } })).toBe(true);
});

test("sub-resources that another Service answers for are somebody else's", () => {
  const service = { namespace: "kubevirt", name: "virt-api" };
  expect(leadsElsewhere({ spec: { service } }, own)).toBe(false);
  expect(leadsElsewhere({ spec: {} }, own)).toBe(false);
  expect(leadsElsewhere({ spec: { service: { ...service, namespace: "openshift-cnv" } } }, own)).toBe(true);
  expect(leadsElsewhere({ spec: { service: { ...service, name: "other" } } }, own)).toBe(true);
});
