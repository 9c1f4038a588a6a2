import { expect, test } from "vitest";
import { whyWithheld } from "../../../api/contract/withheld-annotations.ts";

test.for([
  "k8s.v1.cni.cncf.io/networks",
  "v1.multus-cni.io/default-network",
  "cni.projectcalico.org/ipAddrsNoIpam",
  "container.apparmor.security.beta.kubernetes.io/compute",
  "container.seccomp.security.alpha.kubernetes.io/compute",
  "seccomp.security.alpha.kubernetes.io/pod",
  "cdi.k8s.io/gpu",
  "io.kubernetes.cri-o.Devices",
  "io.kubernetes.cri.untrusted-workload",
  "cpu-quota.crio.io",
  "devices.noderesource.dev/container.compute",
  "io.katacontainers.config.hypervisor.kernel",
  "kubernetes.io/config.mirror",
  "sidecar.istio.io/userVolume",
  "vault.hashicorp.com/agent-json-patch",
])("%s of an instance is kept from its pod", (name) => {
  expect(whyWithheld(name)).toBeDefined();
});

test.for([
  "team",
  "example.com/crio.io",
  "sidecar.istio.io/inject",
  "linkerd.io/inject",
  "vault.hashicorp.com/agent-inject",
  "cni.projectcalico.org/ipAddrs",
  "ovn.kubernetes.io/ip_address",
  "cluster-autoscaler.kubernetes.io/safe-to-evict",
  "notcdi.k8s.io/gpu",
])("%s goes on to the pod", (name) => {
  expect(whyWithheld(name)).toBeUndefined();
});
