import { describe, expect, test } from "vitest";
import { refusals } from "../../api/crd/definitions.ts";
import { validate } from "../../api/validate.ts";
import { formatFieldError } from "../../api/values/field-error.ts";
import { badSpecs } from "./bad-specs.ts";
import { aMachine, anInstance, aSpec, asking, merged } from "./builders.ts";
import { manifests } from "./manifests.ts";

const lines = (object: unknown) => validate(object).map(formatFieldError);

test.for(manifests())("$file has nothing wrong", ({ object }) => {
  expect(lines(object)).toEqual([]);
});

describe("what does not fit together is refused", () => {
  test.for(badSpecs)("in an instance: $title", ({ spec, field, says }) => {
    const errors = validate({ ...anInstance(), spec });
    expect(new Set(errors.map(({ path }) => path))).toEqual(new Set([field ? `spec.${field}` : "spec"]));
    expect(errors[0]?.message).toContain(says);
  });

  test.for(badSpecs)("in a machine: $title", ({ spec, field, says }) => {
    const errors = validate({ ...aMachine(), spec: { runStrategy: "Halted", template: { spec } } });
    const path = ["spec.template.spec", field].filter(Boolean).join(".");
    expect(new Set(errors.map((error) => error.path))).toEqual(new Set([path]));
    expect(errors[0]?.message).toContain(says);
  });
});

describe("what is not supported is refused by name", () => {
  const cases = (["VirtualMachine", "VirtualMachineInstance"] as const).flatMap((kind) =>
    refusals[kind].map((refusal) => ({
      kind,
      refusal,
      path: refusal.steps.join(".").replaceAll(".[]", "[0]"),
      value: refusal.value ?? {},
    })),
  );
  test.for(cases)("$kind: $path $value", ({ kind, refusal, path, value }) => {
    const good = kind === "VirtualMachine" ? aMachine() : anInstance();
    const errors = validate(merged(good, asking(refusal.steps, value)));
    const error = errors.find((one) => one.path === path);
    expect(error?.message).toContain("not supported");
  });

  test("a boolean that is false and a list that is empty ask for nothing", () => {
    const spec = aSpec({ domain: { memory: { guest: "1Gi" }, devices: { gpus: [], disableHotplug: false } } });
    expect(lines({ ...anInstance(), spec })).toEqual([]);
  });
});

test("a name is no longer than its files in libvirt can be", () => {
  expect(lines(anInstance({}, "a".repeat(183)))).toEqual([]);
  expect(lines(anInstance({}, "a".repeat(184)))).toEqual([
    expect.stringMatching(/^metadata\.name: .*183 characters at most/),
  ]);
  expect(lines(aMachine({}, "a".repeat(184)))).toHaveLength(1);
});

test("an unknown field is named", () => {
  const spec = { ...aSpec(), domain: { memory: { guest: "1Gi" }, devices: { gpuz: [], rng: { source: "x" } } } };
  expect(lines({ ...anInstance(), spec, sepc: {} })).toEqual([
    'spec.domain.devices.rng.source: "x": unknown field',
    "spec.domain.devices.gpuz: unknown field",
    "sepc: unknown field",
  ]);
});

test("a message shows the bad value and what there could be", () => {
  const spec = {
    domain: { memory: { guest: "1GB" }, machine: { type: "pc" }, cpu: { cores: 0 } },
    startStrategy: "Later",
    terminationGracePeriodSeconds: "30",
  };
  expect(lines({ ...anInstance(), spec })).toEqual([
    "spec.domain.cpu.cores: 0: it must be 1 at least",
    'spec.domain.memory.guest: "1GB": it must be an amount such as 128Mi, 1G or 500m',
    'spec.domain.machine.type: "pc": it must look like /^(q35|pc-q35-[a-z0-9.-]+)?$/',
    'spec.terminationGracePeriodSeconds: "30": it must be a number',
    'spec.startStrategy: "Later": it must be Paused',
  ]);
});

test("what could only fail later, in the guest or on the node, is refused at once", () => {
  const volumes = [
    { name: "root", containerDisk: { image: " " } },
    { name: "init", cloudInitNoCloud: { userDataBase64: "###", networkDataBase64: "ab=c" } },
  ];
  expect(validate({ ...anInstance(), spec: aSpec({ volumes }) }).map(({ path }) => path)).toEqual([
    "spec.volumes[0].containerDisk.image",
    "spec.volumes[1].cloudInitNoCloud.userDataBase64",
    "spec.volumes[1].cloudInitNoCloud.networkDataBase64",
  ]);
});

test("what manifests have that are made for KubeVirt is taken", () => {
  const spec = aSpec({
    domain: {
      memory: { guest: "1Gi" },
      machine: { type: "" },
      devices: { interfaces: [{ name: "Net_1", masquerade: {} }] },
    },
    networks: [{ name: "Net_1", pod: {} }],
    volumes: [
      { name: "init", cloudInitNoCloud: { networkData: "version: 2" } },
      { name: "drive", cloudInitConfigDrive: { userDataBase64: "I2Nsb3VkLWNvbmZpZwo=\n" } },
    ],
  });
  expect(lines({ ...anInstance(), spec })).toEqual([]);
});

test.for([
  { memory: { guest: "1M" } },
  { memory: { guest: "128Ti" }, resources: { requests: { memory: "2048", cpu: "8192" } } },
  { memory: { guest: 1_048_576 }, resources: { limits: { memory: "1Mi" } } },
  {
    memory: { guest: "1Gi" },
    resources: { requests: { "ephemeral-storage": 0 }, limits: { "ephemeral-storage": "1Ei" } },
  },
  {
    memory: { guest: "1Gi" },
    resources: {
      requests: { "example.com/device": 2, "hugepages-2Mi": "1Gi" },
      limits: { "example.com/device": "2000m", "example.com/other": "1k" },
    },
  },
  { memory: { guest: "1Gi" }, cpu: { sockets: 64, cores: 32, threads: 2 }, resources: { limits: { cpu: "0" } } },
])("what a machine can just live with is taken: %j", (domain) => {
  expect(lines(anInstance({ domain }))).toEqual([]);
});

const resourceNames = ["memory", "cpu", "ephemeral-storage", "example.com/device"];
const noAmounts = ["-1", "1GB", "", -1, 1.5];
test.for(resourceNames.flatMap((name) => noAmounts.map((amount) => ({ name, amount }))))(
  "no request or limit of $name is $amount",
  ({ name, amount }) => {
    const given = { [name]: amount };
    const errors = validate(
      anInstance({ domain: { memory: { guest: "1Gi" }, resources: { requests: given, limits: given } } }),
    );
    expect(errors.map(formatFieldError)).toEqual(
      ["requests", "limits"].map(
        (sort) =>
          `spec.domain.resources.${sort}.${name}: ${JSON.stringify(amount)}: it must be an amount such as 128Mi, 1G or 500m`,
      ),
    );
  },
);

test("annotations that ask for what is not made here are refused in a template", () => {
  const template = {
    metadata: { annotations: { "hooks.kubevirt.io/hookSidecars": "[]" } },
    spec: aSpec(),
  };
  expect(lines(aMachine({ template }))).toEqual([
    "spec.template.metadata.annotations: hooks.kubevirt.io/hookSidecars is not supported",
  ]);
});

test("a VirtualMachine has exactly one of runStrategy and running", () => {
  expect(lines(aMachine({ running: true }))).toEqual([
    'spec.runStrategy: "Always": exactly one of runStrategy, running is needed',
  ]);
});

test("two disks of one name are refused", () => {
  const disk = { name: "root" };
  const spec = aSpec({
    domain: { memory: { guest: "1Gi" }, devices: { disks: [disk, disk] } },
    volumes: [{ name: "root", emptyDisk: { capacity: "1Gi" } }],
  });
  expect(lines({ ...anInstance(), spec })).toEqual([
    'spec.domain.devices.disks[1].name: "root": another one has this name',
  ]);
});

test.for([undefined, null, 1, {}, { kind: "Pod" }])("%j is no machine", (object) => {
  expect(validate(object).map(({ path }) => path)).toEqual(["kind"]);
});
