import { expect, test } from "vitest";
import type { VirtualMachineInstance } from "../../../api/resources.ts";
import { instanceStatus } from "../../../api/schema/instance-status.ts";
import type { DomainObservation } from "../../../node-daemon/drivers/hypervisor.ts";
import type { HostFacts } from "../../../node-daemon/instance/host.ts";
import { eventsOf } from "../../../node-daemon/status/instance-events.ts";
import { type StatusFacts, statusChanges } from "../../../node-daemon/status/status.ts";
import { StatusWriter } from "../../../node-daemon/status/status-writer.ts";
import { anInstance } from "../an-instance.ts";

const host: HostFacts = { virtType: "qemu", arch: "x86_64", mtu: undefined, uefi: undefined };
const now = new Date("2026-01-01T00:00:00Z");
const running: DomainObservation = {
  identity: { namespace: "default", name: "db", uid: "u" },
  state: "running",
  reason: "UNPAUSED",
  diskErrors: [],
  agent: false,
  machine: "pc-q35-7.2",
};
const facts = (parts: Partial<StatusFacts>): StatusFacts => ({
  instance: anInstance(),
  host,
  running: undefined,
  ending: undefined,
  failure: undefined,
  frozen: undefined,
  answers: true,
  addresses: [],
  links: [],
  system: undefined,
  guestInterfaces: undefined,
  now,
  ...parts,
});

/** The instance as it is after a change was written. */
function after(instance: VirtualMachineInstance, parts: Partial<StatusFacts>): VirtualMachineInstance {
  return { ...instance, status: { ...instance.status, ...statusChanges(facts({ instance, ...parts })) } };
}

test("the first run is one change, and its event", () => {
  const instance = anInstance();
  const changes = statusChanges(facts({ instance, running }));
  expect(changes).toMatchObject({
    phase: "Running",
    phaseTransitionTimestamps: [{ phase: "Running", phaseTransitionTimestamp: "2026-01-01T00:00:00Z" }],
    machine: { type: "pc-q35-7.2" },
    interfaces: [],
  });
  expect(changes.conditions?.map(({ type }) => type)).toEqual([
    "Ready",
    "SoftwareEmulation",
    "LiveMigratable",
    "StorageLiveMigratable",
  ]);
  expect(eventsOf(instance, changes).map(({ reason }) => reason)).toEqual(["Started"]);
});

test("what is written already is no change", () => {
  const instance = after(anInstance(), { running });
  expect(statusChanges(facts({ instance, running }))).toEqual({});
});

test("a guest is told of as frozen while it is, and not a moment longer", () => {
  const frozen = after(anInstance(), { running, frozen: true });
  expect(frozen.status?.fsFreezeStatus).toBe("frozen");
  expect(statusChanges(facts({ instance: frozen, running, frozen: true }))).toEqual({});
  // What failed meanwhile says nothing of it.
  expect(statusChanges(facts({ instance: frozen, failure: "attach-network" }))).not.toHaveProperty("fsFreezeStatus");
  expect(statusChanges(facts({ instance: frozen, running, frozen: false }))).toEqual({ fsFreezeStatus: null });
  const ending = { phase: "Succeeded", message: "The guest shut itself down." } as const;
  expect(statusChanges(facts({ instance: frozen, ending }))).toMatchObject({ fsFreezeStatus: null });
  expect(statusChanges(facts({ instance: after(anInstance(), { running }), running, frozen: false }))).toEqual({});
});

test("that nothing is heard of the node is left to the controller, until the guest ends", () => {
  const ready = { type: "Ready", status: "False", reason: "NodeNotReady" } as const;
  const { status, ...rest } = after(anInstance(), { running });
  const instance = { ...rest, status: { ...status, conditions: [ready] } };
  expect(after(instance, { running }).status?.conditions).toContainEqual(ready);
  const ended = after(instance, { ending: { phase: "Failed", message: "QEMU crashed." } });
  expect(ended.status?.conditions).toMatchObject([{ type: "Ready", status: "False", reason: "GuestNotRunning" }]);
});

test("a pause is a condition and an event, and goes as it came", () => {
  const instance = after(anInstance(), { running });
  const pause = { running: { ...running, state: "paused" as const, reason: "USER" } };
  expect(eventsOf(instance, statusChanges(facts({ instance, ...pause })))).toMatchObject([{ reason: "Paused" }]);
  const paused = after(instance, pause);
  expect(paused.status?.conditions).toContainEqual(expect.objectContaining({ type: "Paused", reason: "PausedByUser" }));
  expect(eventsOf(paused, statusChanges(facts({ instance: paused, running })))).toMatchObject([{ reason: "Unpaused" }]);
});

test("the end is a phase, its words and an event", () => {
  const instance = after(anInstance(), { running });
  const changes = statusChanges(facts({ instance, ending: { phase: "Failed", message: "QEMU crashed." } }));
  expect(changes).toMatchObject({ phase: "Failed", reason: "QEMU crashed." });
  expect(eventsOf(instance, changes)).toEqual([{ type: "Warning", reason: "Stopped", message: "QEMU crashed." }]);
});

test("the end of a machine that was given no time for it is no event, unless it failed", () => {
  const metadata = { ...anInstance().metadata, deletionTimestamp: "2026-01-01T00:00:00Z" };
  const deleted = { ...anInstance(), metadata };
  const events = (grace: number, phase: "Succeeded" | "Failed"): string[] => {
    const instance = { ...deleted, spec: { ...deleted.spec, terminationGracePeriodSeconds: grace } };
    const changes = statusChanges(facts({ instance, ending: { phase, message: "It is over." } }));
    return eventsOf(instance, changes).map(({ reason }) => reason);
  };
  expect(events(0, "Succeeded")).toEqual([]);
  expect(events(0, "Failed")).toEqual(["Stopped"]);
  expect(events(5, "Succeeded")).toEqual(["Stopped"]);
});

test("nothing is written from an instance that is older than the last write", async () => {
  const patches: object[] = [];
  const writer = new StatusWriter({
    exists: async () => true,
    placeholder: async () => undefined,
    patchStatus: async (_, changes) => void patches.push(changes),
    record: () => {},
  });
  await writer.write(facts({ running }));
  await writer.write(facts({ running: { ...running, agent: true } }));
  expect(patches).toHaveLength(1);
  const newer = anInstance({ metadata: { resourceVersion: "8" } });
  await writer.write(facts({ instance: newer, running }));
  expect(patches).toHaveLength(2);
});

test("a failure is a condition, and an event when it is new; the same again is no change", () => {
  const failed = { failure: "define: no such machine" };
  const changes = statusChanges(facts(failed));
  expect(changes.conditions).toMatchObject([{ type: "Synchronized", status: "False", reason: "SyncFailed" }]);
  expect(eventsOf(anInstance(), changes)).toMatchObject([{ type: "Warning", reason: "SyncFailed" }]);
  const instance = after(anInstance(), failed);
  expect(statusChanges(facts({ instance, ...failed }))).toEqual({});
  const gone = statusChanges(facts({ instance, running }));
  expect(gone.conditions?.map(({ type }) => type)).not.toContain("Synchronized");
  expect(eventsOf(instance, gone).map(({ reason }) => reason)).toEqual(["Started"]);
});

test("what others say by Synchronized stays", () => {
  const condition = { type: "Synchronized", status: "False", reason: "FailedCreate", message: "quota" } as const;
  const instance = anInstance({ status: { conditions: [condition] } });
  expect(statusChanges(facts({ instance, running })).conditions).toContainEqual(condition);
  expect(eventsOf(instance, statusChanges(facts({ instance, running }))).map(({ reason }) => reason)).toEqual([
    "Started",
  ]);
});
const onPodNetwork = (): VirtualMachineInstance =>
  anInstance({
    devices: { interfaces: [{ name: "default", masquerade: {}, macAddress: "02:00:00:00:00:01" }] },
    spec: { networks: [{ name: "default", pod: {} }] },
  });
const addresses = ["10.244.1.5", "fd00::5"];

test("a guest is told to be at its pod's addresses", () => {
  expect(statusChanges(facts({ instance: onPodNetwork(), running, addresses })).interfaces).toEqual([
    {
      name: "default",
      ipAddress: "10.244.1.5",
      ipAddresses: addresses,
      mac: "02:00:00:00:00:01",
      podInterfaceName: "eth0",
      infoSource: "domain",
      queueCount: 1,
      linkState: "up",
    },
  ]);
});

test("what the guest's agent says is added, and stays when it is slow to answer", () => {
  const instance = after(onPodNetwork(), { running, addresses });
  const connected = { running: { ...running, agent: true }, addresses };
  const guestInterfaces = [
    { name: "lo", mac: "00:00:00:00:00:00", addresses: ["127.0.0.1"] },
    { name: "enp1s0", mac: "02:00:00:00:00:01", addresses: ["10.0.2.2"] },
    { name: "docker0", mac: "02:42:00:00:00:01", addresses: ["172.17.0.1"] },
  ];
  const told = after(instance, { ...connected, guestInterfaces });
  expect(told.status?.interfaces).toMatchObject([
    { name: "default", interfaceName: "enp1s0", ipAddress: "10.244.1.5", infoSource: "domain, guest-agent" },
    { interfaceName: "docker0", ipAddress: "172.17.0.1", infoSource: "guest-agent" },
  ]);
  expect(statusChanges(facts({ instance: told, ...connected }))).toEqual({});
});

test("whatever a guest's agent says, the status can be written, and has the machine's own cards first", () => {
  const long = `${"a".repeat(255)}\u{1F600}`;
  const many = Array.from({ length: 300 }, (_, index) => `2001:db8:1111:2222:3333:4444:5555:${4096 + index}`);
  const guestInterfaces = [
    ...many.map((_, index) => ({
      name: `${index}-${long}`,
      mac: `${index}-${long}`,
      addresses: [long, `fe80::1%${long}`, ...many],
    })),
    { name: long, mac: "02:00:00:00:00:01", addresses: many },
  ];
  const system = { id: "debian", prettyName: long, kernelVersion: long.repeat(100) };
  const said = { running: { ...running, agent: true }, addresses, guestInterfaces, system };
  const { status } = after(onPodNetwork(), said);
  expect(instanceStatus.safeParse(status).error).toBeUndefined();
  // etcd takes 1.5 MiB.
  expect(Buffer.byteLength(JSON.stringify(status))).toBeLessThan(1024 ** 2);
  expect(status?.interfaces).toHaveLength(256);
  expect(status?.interfaces?.[0]).toMatchObject({ name: "default", ipAddresses: addresses });
  expect(status?.interfaces?.[1]).toMatchObject({ ipAddress: many[0], ipAddresses: many.slice(0, 64) });
  expect(status?.guestOSInfo).toMatchObject({ id: "debian", prettyName: `${"a".repeat(255)}\uFFFD` });
});

test("a guest that does not answer its readiness probe is not ready, and becomes so", () => {
  const instance = after(anInstance(), { running, answers: false });
  expect(instance.status?.conditions).toContainEqual(
    expect.objectContaining({ type: "Ready", status: "False", reason: "ContainersNotReady" }),
  );
  const { conditions } = statusChanges(facts({ instance, running }));
  expect(conditions).toContainEqual(expect.objectContaining({ type: "Ready", status: "True" }));
});
