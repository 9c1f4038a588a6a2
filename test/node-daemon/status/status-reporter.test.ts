import { expect, test } from "vitest";
import type { Pod } from "../../../api/kube/resources/core-resources.ts";
import type { InstanceStatus } from "../../../api/schema/instance-status.ts";
import { LocalInstances } from "../../../node-daemon/core/local-instances.ts";
import type { View } from "../../../node-daemon/core/observe.ts";
import { identityOf } from "../../../node-daemon/instance/identity.ts";
import type { PodLink } from "../../../node-daemon/network/pod-link.ts";
import { StatusReporter } from "../../../node-daemon/status/status-reporter.ts";
import type { Drivers } from "../../../node-daemon/steps/context.ts";
import { anInstance } from "../an-instance.ts";
import { aDomain, aDriver, aPod, aStorage, still } from "../core/a-node.ts";

const networks = [{ name: "default", pod: {} }];
const instance = anInstance({ spec: { networks }, devices: { interfaces: [{ name: "default", bridge: {} }] } });
const identity = identityOf(instance);

/** A guest's addresses of other origin than its pod's status: a file of the container, and the notes of the daemon. */
const inFile = "10.0.0.66";
const link: PodLink = { device: "eth0", mac: "02:00:00:00:00:01", mtu: 1500, addresses: ["10.0.0.77/24"], routes: [] };
const view: View = {
  observed: {
    storage: aStorage({ started: true, links: [link] }),
    domain: aDomain,
    container: true,
    adopted: true,
    network: { onNode: [], inPod: [], dhcp: true, addresses: [inFile] },
    room: true,
    now: 0,
    stopping: undefined,
    pressed: undefined,
    frozen: undefined,
    lastContinued: undefined,
  },
  container: { pid: 7, cgroups: [], askedToEnd: false },
  placeholder: { state: "there", uid: "pod-1", ready: true },
};

/** The address to which the server forwards ports, and the one in the instance's status, for a placeholder's status. */
async function addressesWith(status: Pod["status"]) {
  const localInstances = new LocalInstances();
  let told: Partial<InstanceStatus> = {};
  const reporter = new StatusReporter({
    nodeName: "node-1",
    drivers: { clock: still, hypervisor: aDriver<Drivers["hypervisor"]>({}) } as Drivers,
    api: {
      exists: async () => true,
      placeholder: async () => undefined,
      patchStatus: async (_, changes) => void (told = changes),
      record: () => {},
    },
    host: { virtType: "kvm", arch: "x86_64", mtu: undefined, uefi: undefined },
    stateFolder: "/state",
    podOf: () => ({ ...aPod("pod-1"), ...(status ? { status } : {}) }),
    localInstances,
    log: () => {},
  });
  await reporter.report(identity, instance, view);
  const { namespace, name } = identity;
  return {
    forwarded: localInstances.find(namespace, name)?.address,
    shown: told.interfaces?.[0]?.ipAddress,
  };
}

test("ports are forwarded to the main address that the kubelet has reported of the pod, and to no other", async () => {
  expect(await addressesWith({ podIPs: [{ ip: "10.244.1.5" }, { ip: "fd00::5" }] })).toEqual({
    forwarded: "10.244.1.5",
    shown: "10.244.1.5",
  });
});

test("before the kubelet's report no port is forwarded, although a file of the pod names an address", async () => {
  for (const status of [{}, { podIPs: [] }, { hostIP: "10.0.0.1" }]) {
    expect(await addressesWith(status)).toEqual({ forwarded: undefined, shown: inFile });
  }
});
