import { expect, test } from "vitest";
import { identityOf } from "../../node-daemon/instance.ts";
import { instancePaths } from "../../node-daemon/paths.ts";
import type { Hypervisor } from "../../node-daemon/ports.ts";
import { Consoles } from "../../node-daemon/relay/consoles.ts";
import { Roster } from "../../node-daemon/roster.ts";
import { serverPorts } from "../../node-daemon/server-ports.ts";
import { anInstance } from "./an-instance.ts";

/** The address that is served for a guest with these networks; its pod has one. */
function addressWith(networks: readonly object[]): string | undefined {
  const instance = anInstance({ spec: { networks }, devices: { interfaces: networks } });
  const identity = identityOf(instance);
  const roster = new Roster();
  const paths = instancePaths("/state", identity.uid);
  const ofPod = { address: "10.244.1.5", process: 7 };
  roster.set({ identity, instance, paths, phase: "Running", paused: false, ...ofPod });
  const { instances } = serverPorts({
    roster,
    instance: () => undefined,
    hypervisor: {} as Hypervisor,
    consoles: new Consoles(),
    stateFolder: "/state",
    healthy: async () => undefined,
    ready: async () => undefined,
  });
  return instances.find(identity.namespace, identity.name)?.address;
}

test("a guest is at its pod's address only if it is on the pods' network", () => {
  const lan = { name: "lan", multus: { networkName: "lan" } };
  expect(addressWith([lan, { name: "default", pod: {} }])).toBe("10.244.1.5");
  expect(addressWith([{ name: "lan", multus: { networkName: "lan", default: true } }])).toBe("10.244.1.5");
  expect(addressWith([lan])).toBeUndefined();
  expect(addressWith([])).toBeUndefined();
});
