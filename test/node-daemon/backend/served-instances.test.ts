import { expect, test } from "vitest";
import { serverBackend } from "../../../node-daemon/backend/served-instances.ts";
import { LocalInstances } from "../../../node-daemon/core/local-instances.ts";
import type { Clock } from "../../../node-daemon/drivers/clock.ts";
import type { Hypervisor } from "../../../node-daemon/drivers/hypervisor.ts";
import type { Notes } from "../../../node-daemon/drivers/notes.ts";
import { identityOf } from "../../../node-daemon/instance/identity.ts";
import { instancePaths } from "../../../node-daemon/instance/paths.ts";
import { Consoles } from "../../../node-daemon/relay/consoles.ts";
import { anInstance } from "../an-instance.ts";

/** What is served for a guest with these networks, and how its pod's address becomes known. */
function guestWith(networks: readonly object[]) {
  const instance = anInstance({ spec: { networks }, devices: { interfaces: networks } });
  const identity = identityOf(instance);
  const localInstances = new LocalInstances();
  const paths = instancePaths("/state", identity.uid);
  const tell = (address: string | undefined): void =>
    localInstances.set({ identity, instance, paths, phase: "Running", paused: false, address, process: 7 });
  tell(undefined);
  const { instances } = serverBackend({
    localInstances,
    instance: () => undefined,
    hypervisor: {} as Hypervisor,
    notes: {} as Notes,
    clock: {} as Clock,
    changed: () => {},
    consoles: new Consoles(),
    stateFolder: "/state",
  });
  const address = async (signal = new AbortController().signal): Promise<string | undefined> =>
    instances.find(identity.namespace, identity.name)?.address(signal);
  return { tell, address };
}

const lan = { name: "lan", multus: { networkName: "lan" } };
const pod = { name: "default", pod: {} };

test("a guest is at its pod's address only if it is on the pods' network", async () => {
  const addressWith = async (networks: readonly object[]): Promise<string | undefined> => {
    const { tell, address } = guestWith(networks);
    tell("10.244.1.5");
    return address();
  };
  expect(await addressWith([lan, pod])).toBe("10.244.1.5");
  expect(await addressWith([{ ...lan, multus: { ...lan.multus, default: true } }])).toBe("10.244.1.5");
  expect(await addressWith([lan])).toBeUndefined();
  expect(await addressWith([])).toBeUndefined();
});

test("who asks for the address of a guest that has just been started waits until the kubelet has told of it", async () => {
  const { tell, address } = guestWith([pod]);
  const asked = address();
  tell("10.244.1.5");
  expect(await asked).toBe("10.244.1.5");
});

test("who asks for an address that nobody tells of is told so", async () => {
  const { address } = guestWith([pod]);
  await expect(address(AbortSignal.abort())).rejects.toMatchObject({ code: 503 });
});
