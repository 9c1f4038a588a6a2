import { expect, test } from "vitest";
import { identityOf } from "../../node-daemon/instance.ts";
import { instancePaths } from "../../node-daemon/paths.ts";
import type { Hypervisor } from "../../node-daemon/ports.ts";
import { Consoles } from "../../node-daemon/relay/consoles.ts";
import { Roster } from "../../node-daemon/roster.ts";
import { serverPorts } from "../../node-daemon/server-ports.ts";
import { anInstance } from "./an-instance.ts";

/** What is served for a guest with these networks, and how its pod's address becomes known. */
function guestWith(networks: readonly object[]) {
  const instance = anInstance({ spec: { networks }, devices: { interfaces: networks } });
  const identity = identityOf(instance);
  const roster = new Roster();
  const paths = instancePaths("/state", identity.uid);
  const tell = (address: string | undefined): void =>
    roster.set({ identity, instance, paths, phase: "Running", paused: false, address, process: 7 });
  tell(undefined);
  const { instances } = serverPorts({
    roster,
    instance: () => undefined,
    hypervisor: {} as Hypervisor,
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

test.for([
  { acpi: false, agent: false, done: false },
  { acpi: false, agent: true, done: true },
  { acpi: true, agent: false, done: true },
])("a guest that hears of it is asked to start anew, and for another one that is refused: %j", async (guest) => {
  const { acpi, agent, done } = guest;
  const instance = anInstance({ domain: { features: { acpi: { enabled: acpi } } } });
  const identity = identityOf(instance);
  const roster = new Roster();
  const paths = instancePaths("/state", identity.uid);
  roster.set({ identity, instance, paths, phase: "Running", paused: false, address: undefined, process: 7 });
  let asked = 0;
  const hypervisor = {
    observe: async () => ({ identity, state: "running", reason: "", diskErrors: [], agent, machine: undefined }),
    reboot: async () => void (asked += 1),
  } as unknown as Hypervisor;
  const ports = serverPorts({
    roster,
    instance: () => undefined,
    hypervisor,
    consoles: new Consoles(),
    stateFolder: "/",
  });
  const found = ports.instances.find(identity.namespace, identity.name);
  const outcome = found && ports.operations.softreboot(found, new AbortController().signal);
  if (done) await outcome;
  else await expect(outcome).rejects.toMatchObject({ code: 409, message: expect.stringContaining("ACPI") as string });
  expect(asked).toBe(done ? 1 : 0);
});

test("who asks for an address that nobody tells of is told so", async () => {
  const { address } = guestWith([pod]);
  await expect(address(AbortSignal.abort())).rejects.toMatchObject({ code: 503 });
});
