import { beforeAll, describe, expect, test } from "vitest";
import { refusals, structuralSchema } from "../../../api/crd/definitions.ts";
import { withDefaults, withSchemaDefaults } from "../../../api/defaults.ts";
import type { VirtualMachineInstance } from "../../../api/schema/virtual-machine-instance.ts";
import { badSpecs } from "../../api/bad-specs.ts";
import { aMachine, anInstance, aSpec, merged } from "../../api/builders.ts";
import { manifests } from "../../api/manifests.ts";
import { useSourcesOnly } from "../add-on.ts";
import { cluster, installDefinitions, useNamespace } from "../cluster.ts";
import { asking, at, sample, strictObjects } from "./asking.ts";

// Nobody acts on what is made here.
useSourcesOnly();
const namespace = useNamespace("api-definitions");

beforeAll(installDefinitions);

/** Something to apply, and what should be said of it when it is refused. */
interface Refused {
  object: unknown;
  path: string;
  says: string;
}

/**
 * Sends objects as a client that asks for no strict validation, and returns those of which the API server did not say
 * what it should, with all that it said. One call for all: kubectl goes on after a refusal.
 */
async function notRefused(cases: readonly Refused[]): Promise<string[]> {
  const named = cases.map(({ object }, index) => merged(object, { metadata: { name: `case-${index}` } }));
  const input = JSON.stringify({ apiVersion: "v1", kind: "List", items: named.map(withoutNamespace) });
  const args = [`--namespace=${namespace.name}`, "create", "--dry-run=server", "--validate=ignore", "--filename=-"];
  const said = await cluster.kubectl(args, { input }).catch((error: Error) => error.message);
  const answers = new Map([...said.matchAll(/"(case-\d+)" is invalid: (.*)/g)].map(([, name, text]) => [name, text]));
  return cases.flatMap(({ path, says }, index) => {
    // Of an entry of a map it says `requests[memory]`.
    const answer = (answers.get(`case-${index}`) ?? "nothing").replaceAll(/\[([a-z-]+)\]/g, ".$1");
    const errors = answer.split(
      /(?=(?:<nil>|(?<![\w.\]])spec)[\w.[\]-]*: (?:Forbidden|Invalid value|Required value): )/,
    );
    const found = errors.some((error) => error.startsWith(`${path}: `) && error.includes(says));
    return found ? [] : [`${path}: ${says}: not in: ${answer}`];
  });
}

function withoutNamespace(object: unknown): unknown {
  return merged(object, { metadata: { namespace: undefined } });
}

async function create(object: object): Promise<{ spec: Record<string, unknown> }> {
  const input = JSON.stringify(withoutNamespace(object));
  const args = [`--namespace=${namespace.name}`, "create", "--validate=strict", "--output=json", "--filename=-"];
  return JSON.parse(await cluster.kubectl(args, { input }));
}

test.for([aMachine, anInstance])("a name is no longer than its files in libvirt can be", async (make) => {
  const dryRun = (name: string): Promise<string> => {
    const input = JSON.stringify(withoutNamespace(make({}, name)));
    return cluster.kubectl([`--namespace=${namespace.name}`, "create", "--dry-run=server", "--filename=-"], { input });
  };
  await dryRun("a".repeat(183));
  await expect(dryRun("a".repeat(184))).rejects.toThrow("metadata.name: Too long: may not be more than 183 bytes");
});

describe("what people write is accepted", () => {
  test.for(manifests())("$file comes back unchanged, but for defaults", async ({ object }) => {
    const { spec } = await create(object);
    const instance = object.kind === "VirtualMachineInstance";
    expect(spec).toEqual(instance ? withSchemaDefaults(object as unknown as VirtualMachineInstance).spec : object.spec);
  });

  test.for(manifests().filter(({ object }) => object.kind === "VirtualMachineInstance"))(
    "$file with all defaults comes back unchanged",
    async ({ object }) => {
      const instance = withDefaults(object as unknown as VirtualMachineInstance);
      const { spec } = await create(
        merged(instance, { metadata: { name: `${object.metadata.name}-whole` } }) as object,
      );
      expect(spec).toEqual(instance.spec);
    },
  );

  test("metadata of a template that a generator wrote", async () => {
    const metadata = { creationTimestamp: null, labels: { a: "b" }, annotations: { c: "d" } };
    const { spec } = await create(merged(aMachine({}, "generated"), { spec: { template: { metadata } } }) as object);
    expect(spec).toMatchObject({ template: { metadata: { labels: { a: "b" }, annotations: { c: "d" } } } });
  });

  test("fields that are null are absent, as ansible's and Helm's objects have them", async () => {
    const spec = {
      runStrategy: "Always",
      running: null,
      dataVolumeTemplates: null,
      template: {
        metadata: null,
        spec: {
          ...aSpec(),
          nodeSelector: null,
          affinity: null,
          volumes: null,
          domain: { cpu: null, devices: { disks: null, rng: null }, memory: { guest: "128Mi", hugepages: null } },
        },
      },
    };
    const stored = await create({ ...aMachine({}, "nulls"), spec });
    expect(stored.spec).toEqual({
      runStrategy: "Always",
      template: { spec: { domain: { devices: {}, memory: { guest: "128Mi" } } } },
    });
    await namespace.kubectl(
      "patch",
      "vm",
      "nulls",
      "--type=json",
      '--patch=[{"op":"add","path":"/spec/running","value":null}]',
    );
  });

  test("the configuration, whatever is in it", async () => {
    const spec = {
      configuration: { developerConfiguration: { featureGates: ["A"], useEmulation: true } },
      imageTag: "x",
    };
    const kubevirt = { apiVersion: "kubevirt.io/v1", kind: "KubeVirt", metadata: { name: "kubevirt" }, spec };
    expect((await create(kubevirt)).spec).toEqual(spec);
    const told = { defaultArchitecture: "amd64", observedDeploymentConfig: "{}", conditions: [] };
    const patch = JSON.stringify({ status: told });
    await namespace.kubectl("patch", "kv", "kubevirt", "--subresource=status", "--type=merge", `--patch=${patch}`);
    const found = await namespace.kubectl("get", "kv", "kubevirt", "--output=jsonpath={.status}");
    expect(JSON.parse(found)).toEqual(told);
  });
});

describe("what is not supported is refused with its path", () => {
  test.for(["VirtualMachine", "VirtualMachineInstance"] as const)("%s", async (kind) => {
    const schema = structuralSchema(kind);
    const cases = refusals[kind].map(({ steps, value }): Refused => {
      const asked = asking(schema, steps, value ?? sample(at(schema, steps)));
      return {
        object: merged(kind === "VirtualMachine" ? aMachine() : anInstance(), asked),
        path: steps.join(".").replaceAll(".[]", "[0]"),
        says: "not supported",
      };
    });
    expect(await notRefused(cases)).toEqual([]);
  });
});

test("what does not fit together is refused", async () => {
  const cases = badSpecs.flatMap(({ spec, field, says }): Refused[] => [
    { object: { ...anInstance(), spec }, path: ["spec", field].filter(Boolean).join("."), says },
    {
      object: { ...aMachine(), spec: { runStrategy: "Halted", template: { spec } } },
      path: ["spec.template.spec", field].filter(Boolean).join("."),
      says,
    },
  ]);
  expect(await notRefused(cases)).toEqual([]);
});

describe("a typo never passes silently", () => {
  test.for(["VirtualMachine", "VirtualMachineInstance"] as const)(
    "an unknown field of any object of a %s is refused, though the client asks for no validation",
    async (kind) => {
      const good = kind === "VirtualMachine" ? aMachine() : anInstance();
      const schema = structuralSchema(kind);
      const cases = strictObjects(schema, []).map(
        (steps): Refused => ({
          object: merged(good, asking(schema, steps, { tpyo: 1 })),
          path: steps.join(".").replaceAll(".[]", "[0]") || "<nil>",
          says: "unknown field",
        }),
      );
      expect(cases.length).toBeGreaterThan(50);
      expect(await notRefused(cases)).toEqual([]);
    },
  );

  test("the message tells which fields there could be, and which of them are there", async () => {
    const object = merged(anInstance(), { spec: { domain: { firmware: { uuid: "", serail: "x" } } } }) as object;
    await expect(create(object)).rejects.toThrow(
      "spec.domain.firmware: Forbidden: unknown field: it takes uuid, serial, bootloader, kernelBoot; of these it has: uuid",
    );
  });
});

test.for(["Always", "Halted", "Manual"] as const)(
  "nothing is told of a machine that nobody has looked at: %s",
  async (runStrategy) => {
    const name = `new-${runStrategy.toLowerCase()}`;
    expect(await create(aMachine({ runStrategy }, name))).toHaveProperty("status", {});
    expect(await columns("vm", name)).toEqual([
      ["NAME", "AGE", "STATUS", "READY"],
      [name, expect.anything()],
    ]);
  },
);

describe("kubectl", () => {
  test("shows machines and instances in the columns that people know", async () => {
    await create(aMachine({ runStrategy: "Halted" }, "shown"));
    await create(anInstance({}, "shown"));
    const ready = { type: "Ready", status: "True" };
    await status("vm", { printableStatus: "Running", conditions: [ready] });
    await status("vmi", {
      phase: "Running",
      nodeName: "node-1",
      interfaces: [{ name: "default", ipAddress: "192.0.2.7" }],
      conditions: [ready, { type: "LiveMigratable", status: "False" }],
    });
    expect(await columns("vm", "shown")).toEqual([
      ["NAME", "AGE", "STATUS", "READY"],
      ["shown", expect.anything(), "Running", "True"],
    ]);
    expect(await columns("vmis", "shown")).toEqual([
      ["NAME", "AGE", "PHASE", "IP", "NODENAME", "READY"],
      ["shown", expect.anything(), "Running", "192.0.2.7", "node-1", "True"],
    ]);
    const [wide] = await columns("vmi", "shown", "--output=wide");
    expect(wide?.slice(-2)).toEqual(["LIVE-MIGRATABLE", "PAUSED"]);
    expect(await namespace.kubectl("get", "all")).toContain("virtualmachineinstance.kubevirt.io/shown");
  });

  test("explains fields", async () => {
    const path = "vm.spec.template.spec.domain.devices";
    expect(await cluster.kubectl(["explain", `${path}.disks.bootOrder`])).toContain("boot order, from 1");
    expect(await cluster.kubectl(["explain", `${path}.gpus`])).toContain("Not supported.");
  });

  test("merges volumes of two appliers by name", async () => {
    const volume = (name: string) => ({ name, emptyDisk: { capacity: "1Gi" } });
    await applyAs("one", { ...anInstance({ volumes: [volume("a")] }, "shared") });
    await applyAs("two", { ...anInstance({ volumes: [volume("b")] }, "shared") });
    expect(await namespace.kubectl("get", "vmi", "shared", "--output=jsonpath={.spec.volumes[*].name}")).toBe("a b");
  });
});

async function status(kind: string, content: object): Promise<void> {
  const patch = JSON.stringify({ status: content });
  await namespace.kubectl("patch", kind, "shown", "--subresource=status", "--type=merge", `--patch=${patch}`);
}

async function columns(...args: readonly string[]): Promise<string[][]> {
  const table = await namespace.kubectl("get", ...args);
  return table.split("\n").map((line) => line.trim().split(/\s{2,}/));
}

async function applyAs(manager: string, object: object): Promise<void> {
  const input = JSON.stringify(withoutNamespace(object));
  const args = ["apply", "--server-side", `--field-manager=${manager}`, "--filename=-"];
  await cluster.kubectl([`--namespace=${namespace.name}`, ...args], { input });
}
