import { describe, expect, test } from "vitest";
import { structuralSchema } from "../../api/crd/definitions.ts";
import type { StructuralSchema } from "../../api/crd/structural-schema.ts";
import { instanceRefusals, refusalsOf } from "../../api/unsupported.ts";
import { outcomeOf } from "./outcome.ts";

/** Fields that make no difference, and why that is as it should be. A field that is neither here nor honoured is a defect. */
const withoutEffect: Readonly<Record<string, string>> = {
  "domain.devices.disks[].name": "binds it to its volume",
  "domain.devices.disks[].cdrom.readonly": "can be true only",
  "domain.devices.inputs[].name": "names it in the list",
  "domain.devices.watchdog.name": "names it",
  "domain.devices.interfaces[].name": "binds it to its network",
  "domain.devices.interfaces[].masquerade": "is the default",
  "networks[].name": "binds it to its interface",
  "volumes[].name": "binds it to its disk",
  "volumes[].ephemeral.persistentVolumeClaim.readOnly": "what lies below an overlay is only read whatever it says",
  "volumes[].downwardAPI.fields[].resourceFieldRef.containerName": "names the only one that there is",
  evictionStrategy: "whether an eviction is let through is asked of the controller",
};

/** Two values that make a difference, where the schema does not say which there are. Nothing below is looked at. */
const values: Readonly<Record<string, readonly [unknown, unknown]>> = {
  "domain.clock.timezone": ["Europe/Berlin", "Asia/Tokyo"],
  "domain.cpu.model": ["host-passthrough", "Haswell"],
  "domain.firmware.uuid": ["5d307ca9-b3ef-428c-8861-06e72d69f223", "5d307ca9-b3ef-428c-8861-06e72d69f224"],
  "domain.machine.type": ["q35", "pc-q35-7.2"],
  "domain.memory.guest": ["64Mi", "65Mi"],
  "domain.resources.requests": [{ memory: "1Gi" }, { memory: "1Gi", cpu: 2 }],
  "domain.resources.limits": [{ memory: "1Gi" }, { memory: "2Gi" }],
  "domain.devices.interfaces[].macAddress": ["02:00:00:00:00:01", "02:00:00:00:00:02"],
  "domain.devices.interfaces[].ports[].name": ["http", "https"],
  "networks[].pod.vmNetworkCIDR": ["10.1.2.0/24", "10.1.3.0/24"],
  "networks[].pod.vmIPv6NetworkCIDR": ["fd00::/120", "fd01::/120"],
  "volumes[].cloudInitNoCloud.userDataBase64": ["YQ==", "Yg=="],
  "volumes[].cloudInitNoCloud.networkDataBase64": ["YQ==", "Yg=="],
  "volumes[].downwardAPI.fields[].resourceFieldRef.divisor": ["1Mi", "1Ki"],
  "volumes[].emptyDisk.capacity": ["1Gi", "2Gi"],
  affinity: [{ podAffinity: {} }, { podAntiAffinity: {} }],
  tolerations: [[{ key: "a" }], [{ key: "b" }]],
  topologySpreadConstraints: [[], [{ maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule" }]],
  dnsConfig: [{ searches: ["a"] }, { searches: ["b"] }],
};

const disk = { domain: { memory: { guest: "128Mi" }, devices: { disks: [{ name: "one" }] } } };
const ofDisk = (kind: object): object => ({
  volumes: [{ name: "one", emptyDisk: { capacity: "1Gi" } }],
  domain: { ...disk.domain, devices: { disks: [{ name: "one", ...kind }] } },
});

/** The spec around a field, by what its path begins with: what must be there for it to mean something. The longest counts. */
const around: Readonly<Record<string, object>> = {
  "": { domain: { memory: { guest: "128Mi" } } },
  "domain.devices.disks": ofDisk({}),
  "domain.devices.disks[].cdrom": ofDisk({ cdrom: {} }),
  "domain.devices.blockMultiQueue": {
    ...ofDisk({}),
    domain: { ...disk.domain, cpu: { cores: 2, sockets: 1, threads: 1 } },
  },
  "domain.devices.useVirtioTransitional": ofDisk({}),
  "domain.devices.networkInterfaceMultiqueue": {
    domain: { memory: { guest: "128Mi" }, cpu: { cores: 2, sockets: 1, threads: 1 } },
  },
  "domain.devices.interfaces": {
    networks: [{ name: "one", pod: {} }],
    domain: { memory: { guest: "128Mi" }, devices: { interfaces: [{ name: "one", masquerade: {} }] } },
  },
  "domain.devices.interfaces[].ports": {
    networks: [{ name: "one", pod: {} }],
    domain: {
      memory: { guest: "128Mi" },
      devices: { interfaces: [{ name: "one", masquerade: {}, ports: [{ port: 80 }] }] },
    },
  },
  "domain.devices.inputs": {
    domain: { memory: { guest: "128Mi" }, devices: { inputs: [{ name: "a", type: "tablet" }] } },
  },
  "domain.devices.watchdog": { domain: { memory: { guest: "128Mi" }, devices: { watchdog: { name: "a" } } } },
  "domain.cpu.features": { domain: { memory: { guest: "128Mi" }, cpu: { features: [{ name: "vmx" }] } } },
  "domain.features.hyperv.spinlocks.spinlocks": { domain: { memory: { guest: "128Mi" } } },
  "networks[].multus": {
    networks: [{ name: "one", multus: { networkName: "lan" } }],
    domain: { memory: { guest: "128Mi" }, devices: { interfaces: [{ name: "one", bridge: {} }] } },
  },
  "domain.firmware.kernelBoot": {
    domain: {
      memory: { guest: "128Mi" },
      firmware: { kernelBoot: { container: { image: "a", kernelPath: "/kernel" } } },
    },
  },
  networks: {
    networks: [{ name: "one", pod: {} }],
    domain: { memory: { guest: "128Mi" }, devices: { interfaces: [{ name: "one", masquerade: {} }] } },
  },
  volumes: { ...disk, volumes: [{ name: "one" }] },
  "volumes[].downwardAPI": { ...disk, volumes: [{ name: "one", downwardAPI: { fields: [] } }] },
  "volumes[].containerDisk": { ...disk, volumes: [{ name: "one", containerDisk: { image: "a" } }] },
  "volumes[].cloudInitNoCloud.networkData": {
    ...disk,
    volumes: [{ name: "one", cloudInitNoCloud: { userData: "a" } }],
  },
};

interface Field {
  readonly path: string;
  readonly schema: StructuralSchema;
}

const refused = refusalsOf(instanceRefusals, "").map(({ steps, value }) => ({
  path: steps.slice(1).join(".").replaceAll(".[]", "[]"),
  value,
}));

/** The fields without fields of their own that are supported. */
function leaves(schema: StructuralSchema, path = ""): Field[] {
  if (refused.some((one) => one.path === path && one.value === undefined)) return [];
  const fields = Object.entries(schema.properties ?? schema.items?.properties ?? {});
  if (fields.length === 0 || path in values) return [{ path, schema }];
  const below = path === "" ? "" : `${path}${schema.items ? "[]" : ""}.`;
  return fields.flatMap(([name, field]) => leaves(field, `${below}${name}`));
}

const spec = structuralSchema("VirtualMachineInstance").properties?.spec ?? {};
const fields = leaves(spec);

/** Values of a field that are to differ in what comes of them; `undefined` is the field's absence. */
function samples({ path, schema }: Field): readonly unknown[] {
  const given = values[path];
  if (given) return given;
  if (schema.enum) {
    const allowed = schema.enum.filter((value) => !refused.some((one) => one.path === path && one.value === value));
    return allowed.length > 1 ? allowed : [undefined, ...allowed];
  }
  if (schema.type === "boolean") return [true, false];
  const { minimum = 1 } = schema;
  if (schema.type === "integer") return [minimum, minimum + 1];
  if (schema.additionalProperties) return [{ a: "1" }, { a: "2" }];
  if (schema.type === "array") return [["a"], ["b"]];
  return schema.type === "object" ? [undefined, {}] : ["one", "two"];
}

function baseOf(path: string): object {
  const [longest = ""] = Object.keys(around)
    .filter((begin) => path.startsWith(begin))
    .toSorted((a, b) => b.length - a.length);
  return structuredClone(around[longest] ?? {});
}

/** Sets a field of an object; `[]` is the first item of a list. */
function set(object: object, path: string, value: unknown): object {
  const steps = path.split(".").flatMap((step) => (step.endsWith("[]") ? [step.slice(0, -2), 0] : [step]));
  let at: Record<string | number, unknown> = object as Record<string, unknown>;
  for (const [index, step] of steps.entries()) {
    if (index === steps.length - 1) at[step] = value;
    else at = (at[step] ??= typeof steps[index + 1] === "number" ? [] : {}) as typeof at;
  }
  return object;
}

describe("a field of the spec makes a difference", () => {
  test.for(fields.filter(({ path }) => !(path in withoutEffect)))("$path", async (field) => {
    const wanted = samples(field);
    const outcomes = await Promise.all(
      wanted.map(async (value) => outcomeOf(set(baseOf(field.path), field.path, value))),
    );
    expect(new Set(outcomes).size, `of ${JSON.stringify(wanted)}`).toBe(wanted.length);
  });
});

test("a field that is said to make none is there, and supported", () => {
  const paths = new Set(fields.map(({ path }) => path));
  expect(Object.keys(withoutEffect).filter((path) => !paths.has(path))).toEqual([]);
  expect(Object.keys(values).filter((path) => !paths.has(path))).toEqual([]);
});
