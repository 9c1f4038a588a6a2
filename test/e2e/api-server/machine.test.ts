import { expect, test } from "vitest";
import { machines, type VirtualMachine } from "../../../api/resources.ts";
import { refusal, useEnvironment } from "./environment.ts";
import { aMachine, anInstance } from "./objects.ts";

const environment = useEnvironment();
const { namespace } = environment;
const running = { phase: "Running", nodeName: "somewhere" };
const machine = (name: string): Promise<VirtualMachine> => environment.client.get(machines, { namespace, name });

test("a halted machine is started and stopped by its run strategy", async () => {
  await environment.make(aMachine("halted", "Halted"));
  const answer = await environment.put("virtualmachines/halted/start");
  expect([answer.status, answer.body.length]).toEqual([202, 0]);
  expect((await machine("halted")).spec.runStrategy).toBe("Always");
  expect((await environment.put("virtualmachines/halted/stop", "{}")).status).toBe(202);
  expect((await machine("halted")).spec.runStrategy).toBe("Halted");
});

test("a machine that was made a moment ago is found", async () => {
  for (let i = 0; i < 5; i += 1) {
    await environment.client.create(machines, {
      ...(aMachine(`new-${i}`, "Halted") as VirtualMachine),
      metadata: { name: `new-${i}`, namespace },
    });
    expect((await environment.put(`virtualmachines/new-${i}/start`)).status).toBe(202);
  }
});

test("a manual machine is started and stopped by requests", async () => {
  await environment.make(aMachine("manual", "Manual"));
  await environment.put("virtualmachines/manual/start", "paused: true\n");
  expect((await machine("manual")).status?.stateChangeRequests).toEqual([
    { action: "Start", data: { paused: "true" } },
  ]);
  expect(await refusal(environment.put("virtualmachines/manual/start"))).toEqual({
    code: 409,
    message:
      'Operation cannot be fulfilled on virtualmachine.kubevirt.io "manual": ' +
      "unable to complete request: stop/start already underway",
  });
  expect((await environment.put("virtualmachines/manual/stop")).status).toBe(202);
  expect((await machine("manual")).status?.stateChangeRequests).toEqual([{ action: "Stop" }]);
});

test("a restart is a stop of the instance that runs and a start", async () => {
  await environment.make(aMachine("restarted", "Always"));
  await environment.make(anInstance("restarted"), running);
  const before = (await machine("restarted")).metadata.resourceVersion;
  expect((await environment.put("virtualmachines/restarted/restart", '{"dryRun": ["All"]}')).status).toBe(202);
  expect((await machine("restarted")).metadata.resourceVersion).toBe(before);
  expect((await environment.put("virtualmachines/restarted/restart")).status).toBe(202);
  const requests = (await machine("restarted")).status?.stateChangeRequests ?? [];
  expect(requests.map(({ action }) => action)).toEqual(["Stop", "Start"]);
  expect(requests[0]?.uid).toMatch(/^[0-9a-f-]{36}$/);
});

test("a dry run is checked and changes nothing", async () => {
  await environment.make(aMachine("dry", "Halted"));
  await environment.make(aMachine("dry-running", "Always"));
  await environment.make(anInstance("dry-running"), running);
  const before = [await machine("dry"), await machine("dry-running")];
  for (const [path, body] of [
    ["dry/start", '{"dryRun": ["All"]}'],
    ["dry/start?dryRun=All", '{"paused": true}'],
    ["dry-running/stop", '{"gracePeriod": 0, "dryRun": ["All"]}'],
    ["dry-running/restart", '{"gracePeriodSeconds": 0, "dryRun": ["All"]}'],
  ] as const) {
    expect([path, (await environment.put(`virtualmachines/${path}`, body)).status]).toEqual([path, 202]);
  }
  const refused = await refusal(environment.put("virtualmachines/dry/stop", '{"dryRun": ["All"]}'));
  expect(refused).toMatchObject({ code: 409 });
  expect([await machine("dry"), await machine("dry-running")]).toEqual(before);
});

test("what cannot be done is refused with words", async () => {
  await environment.make(aMachine("always", "Always"));
  await environment.make(anInstance("always"), running);
  await environment.make(aMachine("once", "Once"));
  await environment.make(aMachine("idle", "Manual"));
  await environment.make(aMachine("halted-one", "Halted"));
  await environment.make(aMachine("going-down", "Halted"));
  await environment.make(anInstance("going-down"), running);
  await environment.make(aMachine("always-idle", "Always"));
  await environment.make(aMachine("rerun", "RerunOnFailure"));
  await environment.make(anInstance("rerun"), { phase: "Failed", nodeName: "somewhere" });
  const fulfilled = (name: string): string => `Operation cannot be fulfilled on virtualmachine.kubevirt.io "${name}": `;
  const table: [string, string, number, string][] = [
    ["nothing/start", "", 404, 'virtualmachine.kubevirt.io "nothing" not found'],
    ["always/start", "", 409, `${fulfilled("always")}VM is already running`],
    ["once/start", "", 409, `${fulfilled("once")}Once does not support manual start requests`],
    ["halted-one/stop", "", 409, `${fulfilled("halted-one")}VM is not running`],
    [
      "going-down/stop",
      '{"gracePeriod": 30}',
      409,
      `${fulfilled("going-down")}Halted only supports manual stop requests with a shorter graceperiod`,
    ],
    ["halted-one/restart", "", 409, `${fulfilled("halted-one")}Halted does not support manual restart requests`],
    ["always-idle/start", "", 409, `${fulfilled("always-idle")}Always does not support manual start requests`],
    ["rerun/start", "", 409, `${fulfilled("rerun")}RerunOnFailure does not support starting VM from failed state`],
    ["nothing/stop", "", 404, 'virtualmachine.kubevirt.io "nothing" not found'],
    ["nothing/restart", "", 404, 'virtualmachine.kubevirt.io "nothing" not found'],
    ["always/start", '{"paused": "yes"}', 400, 'paused: "yes" is neither true nor false'],
    ["always/stop", '{"gracePeriod": -1}', 400, "gracePeriod: -1 is not a number of seconds"],
    ["always/stop", "[]", 400, "the body is not an object"],
    ["always/addvolume", "", 501, "virtualmachines/addvolume: not supported"],
    ["idle/stop", "", 409, `${fulfilled("idle")}VM is not running`],
    ["idle/restart", "", 409, `${fulfilled("idle")}VM is not running`],
    ["once/restart", "", 409, `${fulfilled("once")}Once does not support manual restart requests`],
    [
      "always/restart",
      '{"gracePeriodSeconds": 7}',
      400,
      "gracePeriodSeconds: 7 is not supported; the only value is 0, which restarts without a shutdown",
    ],
    ["always/stop", '{"dryRun": ["Some"]}', 400, 'dryRun: "Some" is not supported; the only value is "All"'],
    ["always/stop", "{", 400, "the body is neither JSON nor YAML"],
    ["always/migrate", "", 501, "virtualmachines/migrate: not supported"],
    ["always/fly", "", 404, "virtualmachines/fly: there is no such sub-resource"],
    ["always/expand-spec", "", 405, "expand-spec: PUT is not allowed, use GET"],
  ];
  for (const [path, body, code, message] of table) {
    expect(await refusal(environment.put(`virtualmachines/${path}`, body))).toEqual({
      code,
      message: expect.stringContaining(message) as string,
    });
  }
});

test("a machine is shown with everything written out", async () => {
  await environment.make(aMachine("shown", "Halted"));
  expect(await refusal(environment.get("virtualmachines/nothing/expand-spec"))).toEqual({
    code: 404,
    message: 'virtualmachine.kubevirt.io "nothing" not found',
  });
  const stored = JSON.parse((await environment.get("virtualmachines/shown/expand-spec")).body.toString());
  expect(stored).toMatchObject({
    apiVersion: "kubevirt.io/v1",
    kind: "VirtualMachine",
    spec: { runStrategy: "Halted" },
  });
  const given = JSON.stringify(aMachine("given", "Always"));
  expect(JSON.parse((await environment.put("expand-vm-spec", given)).body.toString())).toEqual(JSON.parse(given));
  const { spec, ...rest } = aMachine("given", "Always") as { spec: object };
  const withNulls = JSON.stringify({ ...rest, spec: { ...spec, running: null, instancetype: null }, status: null });
  expect(JSON.parse((await environment.put("expand-vm-spec", withNulls)).body.toString())).toEqual(JSON.parse(given));
  const wrong = JSON.stringify({ ...aMachine("given", "Always"), spec: { runStrategy: "Always", tmeplate: {} } });
  expect(await refusal(environment.put("expand-vm-spec", wrong))).toMatchObject({
    code: 400,
    message: expect.stringContaining("tmeplate") as string,
  });
});
