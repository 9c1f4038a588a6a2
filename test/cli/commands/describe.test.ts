import { expect, test } from "vitest";
import { aMachine, anInstance, status } from "../../e2e/cli/fake-api.ts";
import { useCommandLine } from "../command-line.ts";

const virt = useCommandLine();
const prefix = "GET /apis/kubevirt.io/v1/namespaces/default";
const eventsPath = "GET /api/v1/namespaces/default/events?fieldSelector=involvedObject.name%3Dweb&limit=50";

test.for(["vm,vmi", "vmi,vm", "vmi"])("all of %s are described", async (kinds) => {
  const listOf = (item: object) => ({ status: 200, body: JSON.stringify({ metadata: {}, items: [item] }) });
  virt.api.answers.set(`${prefix}/virtualmachines?limit=50`, listOf(aMachine("Always", "Running")));
  virt.api.answers.set(`${prefix}/virtualmachineinstances?limit=50`, listOf(anInstance("Running")));
  const { code, stdout } = await virt.run("describe", kinds, "--no-events");
  // Only a machine has a strategy.
  const told = stdout.split("\n\n\n").map((text) => (text.includes("Run Strategy:") ? "vm" : "vmi"));
  expect([code, told]).toEqual([0, kinds.split(",")]);
});

test.for(["get", "describe"])("%s takes names or a selector, not both", async (command) => {
  expect(await virt.run(command, "web", "-l", "app=x")).toEqual({
    code: 1,
    stdout: "",
    stderr: "error: name cannot be provided when a selector is specified\n",
  });
});

/** Has the API tell of some events, each named by its reason. */
function happened(...events: readonly (readonly [kind: string, uid: string, reason: string, time: string])[]): void {
  const items = events.map(([kind, uid, reason, lastTimestamp]) => ({
    metadata: { creationTimestamp: lastTimestamp },
    involvedObject: { apiVersion: "kubevirt.io/v1", kind, name: "web", uid },
    reason,
    lastTimestamp,
  }));
  virt.api.answers.set(eventsPath, { status: 200, body: JSON.stringify({ metadata: {}, items }) });
}

test("a machine that has another one's name has none of its events", async () => {
  const made = { name: "web", namespace: "default", uid: "1", creationTimestamp: "2026-01-01T10:00:00Z" };
  virt.api.machine = { ...aMachine("Always", "Running"), metadata: made };
  happened(
    ["VirtualMachine", "0", "OfAnother", "2026-01-01T09:00:00Z"],
    ["VirtualMachineInstance", "01", "OfAnother", "2026-01-01T09:00:00Z"],
    ["VirtualMachine", "1", "OfTheMachine", "2026-01-01T10:00:00Z"],
    ["VirtualMachineInstance", "11", "OfItsFirstRun", "2026-01-01T11:00:00Z"],
    ["VirtualMachineInstance", "2", "OfItsRun", "2026-01-01T12:00:00Z"],
  );
  const { stdout } = await virt.run("describe", "web");
  expect(stdout.match(/Of[A-Z]\w+/g)).toEqual(["OfTheMachine", "OfItsFirstRun", "OfItsRun"]);
  expect((await virt.run("describe", "vmi/web")).stdout.match(/Of[A-Z]\w+/g)).toEqual(["OfItsRun"]);
});

test.for(["web", "vmi/web"])("of %s, that nothing happened is said only where somebody has looked", async (name) => {
  const toldOf = async (...flags: readonly string[]) => {
    const { code, stdout, stderr } = await virt.run("describe", name, ...flags);
    expect([code, stderr]).toEqual([0, ""]);
    return /^Events:.*/m.exec(stdout)?.[0].replace(/ +/, " ");
  };
  happened();
  expect(await toldOf()).toBe("Events: <none>");
  virt.api.answers.set(eventsPath, status(403, "Forbidden", "you may not list events"));
  expect(await toldOf()).toBe("Events: <forbidden>");
  virt.api.requests.length = 0;
  expect(await toldOf("--no-events")).toBeUndefined();
  expect(virt.api.requests).not.toContain(eventsPath);
});
