import { afterAll, describe, expect, test } from "vitest";
import { definition, refusals, structuralSchema } from "../../../api/crd/definitions.ts";
import type { StructuralSchema } from "../../../api/crd/structural-schema.ts";
import { aMachine, anInstance, merged } from "../../api/builders.ts";
import { cluster, eventually, useNamespace } from "../cluster.ts";
import { asking, at, sample, strictObjects } from "./asking.ts";

const namespace = useNamespace("api-rollback");
/** The definitions are tried in a group of their own, so that nobody's are touched. */
const group = "rollback.kubectl-virt.test";
const kinds = ["VirtualMachine", "VirtualMachineInstance"] as const;
type Kind = (typeof kinds)[number];

const ours = { VirtualMachine: aMachine(), VirtualMachineInstance: anInstance() } as const;
const resource = (kind: Kind): string => `${definition(kind).spec.names.plural}.${group}`;
/** Where an instance's spec is in an object of a kind. */
const specPath = (kind: Kind): string[] => (kind === "VirtualMachine" ? ["spec", "template", "spec"] : ["spec"]);

afterAll(async () => {
  await cluster.kubectl(["delete", "crd", "--ignore-not-found", ...kinds.map(resource)]);
});

/** Installs a kind as this release defines it, or as a later one might that refuses nothing of what this one does. */
async function install(kind: Kind, release: "this" | "later"): Promise<void> {
  const { spec, ...whole } = structuredClone(definition(kind));
  const [version] = spec.versions;
  if (release === "later") allowAll(version.schema.openAPIV3Schema);
  const { shortNames: _short, categories: _categories, ...names } = spec.names;
  const input = JSON.stringify({ ...whole, metadata: { name: resource(kind) }, spec: { ...spec, group, names } });
  await cluster.kubectl(["apply", "--server-side", "--force-conflicts", "--filename=-"], { input });
  // The API server takes a moment to go by it.
  await eventually(async () => {
    const probe = asObject(kind, "probe", asking(structuralSchema(kind), ["spec", "fieldOfALaterRelease"], true));
    const answer = create([probe], "--dry-run=server").then(() => "later", refusalOf);
    expect(await answer).toBe(release);
  });
}

const refusalOf = (error: Error): string => (error.message.includes("unknown field") ? "this" : error.message);

/** Takes out of a schema what it refuses. */
function allowAll(schema: StructuralSchema): void {
  delete schema["x-kubernetes-validations"];
  delete schema.enum;
  delete schema.pattern;
  const { properties = {}, items, additionalProperties } = schema;
  for (const inner of [...Object.values(properties), items, additionalProperties]) if (inner) allowAll(inner);
}

/** An object of the kind in our group, with fields on top of the smallest one. */
function asObject(kind: Kind, name: string, fields: unknown): object {
  const object = merged(merged(ours[kind], fields), {
    apiVersion: `${group}/v1`,
    metadata: { name, namespace: undefined },
  });
  return object as object;
}

/** Creates objects as a client that asks for no strict validation. */
async function create(items: readonly object[], ...args: readonly string[]): Promise<string> {
  const input = JSON.stringify({ apiVersion: "v1", kind: "List", items });
  const command = [`--namespace=${namespace.name}`, "create", "--validate=ignore", "--filename=-", ...args];
  return cluster.kubectl(command, { input });
}

describe.for(kinds)("after a rollback, of what a later release has stored of a %s,", (kind) => {
  const patch = async (content: object, ...args: readonly string[]): Promise<string> =>
    namespace.kubectl("patch", resource(kind), "whole", "--type=merge", `--patch=${JSON.stringify(content)}`, ...args);

  test("all can be changed, wherever it has fields that this one does not know, or refuses", async () => {
    await install(kind, "later");
    const schema = structuralSchema(kind);
    const unknown = strictObjects(schema, []).map((steps) => asking(schema, steps, { fieldOfALaterRelease: { a: 1 } }));
    const refused = refusals[kind].map(({ steps, value }) => {
      const field = at(schema, steps);
      return asking(schema, steps, value ?? (field.type === "object" ? { a: { b: 1 } } : sample(field)));
    });
    expect(Math.min(unknown.length, refused.length)).toBeGreaterThan(50);
    await create([...unknown, ...refused].map((fields, index) => asObject(kind, `object-${index}`, fields)));
    await install(kind, "this");
    const said = await namespace
      .kubectl("label", resource(kind), "--all", "rolled=back")
      .catch((error: Error) => error.message);
    // Of what it tolerates by itself, the API server warns.
    expect([...said.matchAll(/^(?!Warning:).*(?:is invalid|Forbidden).*/gm)].map(([line]) => line)).toEqual([]);
    expect(said.match(/ labeled/g)).toHaveLength(unknown.length + refused.length);
    await namespace.kubectl("delete", resource(kind), "--all");
  });

  test("an object goes on with what it has, takes no more of it, and can be deleted", async () => {
    await install(kind, "later");
    const later = {
      fieldOfALaterRelease: { a: 1 },
      domain: {
        memory: { fieldOfALaterRelease: 1 },
        devices: { disks: [{ name: "root", disk: { bus: "busOfALaterRelease", fieldOfALaterRelease: 1 } }] },
      },
      volumes: [{ name: "root", emptyDisk: { capacity: "1Gi" } }],
      tolerations: [{ key: "a", fieldOfALaterRelease: 1 }],
    };
    const whole = specPath(kind).reduceRight<unknown>((inner, step) => ({ [step]: inner }), later);
    const finalizer = `${group}/held`;
    await create([merged(asObject(kind, "whole", whole), { metadata: { finalizers: [finalizer] } }) as object]);
    await install(kind, "this");

    const inSpec = (fields: object): object =>
      specPath(kind).reduceRight<object>((inner, step) => ({ [step]: inner }), fields);
    await patch({ metadata: { labels: { a: "b" }, annotations: { a: "b" } } });
    await patch({ status: kind === "VirtualMachine" ? { ready: true } : { phase: "Running" } }, "--subresource=status");
    await patch(inSpec({ terminationGracePeriodSeconds: 7, domain: { memory: { guest: "256Mi" } } }));
    if (kind === "VirtualMachine") await patch({ spec: { runStrategy: "Halted" } });
    for (const fields of [{ tpyo: 1 }, { domain: { tpyo: 1 } }, { domain: { devices: { tpyo: 1 } } }]) {
      await expect(patch(inSpec(fields))).rejects.toThrow("unknown field");
    }
    await patch(inSpec({ fieldOfALaterRelease: null }));
    await expect(patch(inSpec({ fieldOfALaterRelease: 1 }))).rejects.toThrow("unknown field");
    const left = JSON.parse(await namespace.kubectl("get", resource(kind), "whole", "--output=json"));
    expect(left).toMatchObject(inSpec({ domain: { memory: { fieldOfALaterRelease: 1, guest: "256Mi" } } }));

    await namespace.kubectl("delete", resource(kind), "whole", "--wait=false");
    await patch({ metadata: { finalizers: null } });
    await eventually(async () =>
      expect(await namespace.kubectl("get", resource(kind), "--ignore-not-found", "whole")).toBe(""),
    );
  });
});
