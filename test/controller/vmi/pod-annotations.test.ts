import { expect, test } from "vitest";
import { podAnnotations, withheldOf } from "../../../controller/vmi/pod-annotations.ts";
import { anInstance } from "../builders.ts";

const annotated = (annotations: Record<string, string>) =>
  anInstance({ metadata: { name: "demo", namespace: "shop", annotations } });

test("a pod has the annotations of its instance, but for those about the instance and those that reach too far", () => {
  const instance = annotated({
    "sidecar.istio.io/inject": "true",
    "kubectl.kubernetes.io/restartedAt": "2026-01-01T00:00:00Z",
    "kubevirt.io/latest-observed-api-version": "v1",
    "k8s.v1.cni.cncf.io/networks": "kube-system/storage",
    "cdi.k8s.io/disk": "vendor.test/disk=all",
  });
  expect(podAnnotations(instance)).toEqual({
    "sidecar.istio.io/inject": "true",
    "kubevirt.io/domain": "demo",
    "kubevirt.io/placeholder-version": "1",
    "kubectl.kubernetes.io/default-container": "compute",
  });
  expect(withheldOf(instance)).toBe(
    "The pod was not given all of metadata.annotations: " +
      "k8s.v1.cni.cncf.io/networks: networks are in spec.networks, where it is checked whose they are; " +
      "cdi.k8s.io/disk: how a container is confined, and which devices of the node it has, is not its author's",
  );
});

test("nothing is told of a pod that has what it may have, and little of one that lacks a lot", () => {
  expect(
    withheldOf(annotated({ team: "a", "kubectl.kubernetes.io/last-applied-configuration": "{}" })),
  ).toBeUndefined();
  const many = Array.from({ length: 200 }, (_, number) => [`cdi.k8s.io/device-${number}`, "all"]);
  expect(withheldOf(annotated(Object.fromEntries(many)))).toMatch(/, and 195 more$/);
});
