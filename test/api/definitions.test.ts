import { describe, expect, test } from "vitest";
import { definitions, structuralSchema } from "../../api/crd/definitions.ts";
import type { StructuralSchema } from "../../api/crd/structural-schema.ts";
import { instanceRefusals, vmRefusals } from "../../api/unsupported.ts";

/** Every schema in a schema, with its path. */
function* walk(schema: StructuralSchema, path: string): Generator<[string, StructuralSchema]> {
  yield [path, schema];
  if (schema.items) yield* walk(schema.items, `${path}[]`);
  for (const [name, property] of Object.entries(schema.properties ?? {})) yield* walk(property, `${path}.${name}`);
}

describe.for(["VirtualMachine", "VirtualMachineInstance"] as const)("%s", (kind) => {
  const all = [...walk(structuralSchema(kind), kind)];
  const spec = all.filter(([path]) => path.startsWith(`${kind}.spec`));

  test("says of each field what it is", () => {
    const silent = all.filter(
      ([path, { description }]) => !description && !path.endsWith("]") && path !== `${kind}.metadata`,
    );
    expect(silent.map(([path]) => path)).toEqual([]);
  });

  test("bounds each list, map and text of its spec that a rule could count", () => {
    const unbounded = spec.filter(
      ([, { type, maxItems, additionalProperties, maxProperties }]) =>
        (type === "array" && maxItems === undefined) || (additionalProperties && maxProperties === undefined),
    );
    expect(unbounded.map(([path]) => path)).toEqual([]);
  });

  test("drops no unknown field of its spec unseen", () => {
    const dropping = spec.filter(
      ([, schema]) =>
        schema.type === "object" && !schema.additionalProperties && !schema["x-kubernetes-preserve-unknown-fields"],
    );
    expect(dropping.map(([path]) => path)).toEqual([]);
  });
});

test("a template has no defaults of its own", () => {
  const withDefault = [...walk(structuralSchema("VirtualMachine"), "")].filter(([, schema]) => "default" in schema);
  expect(withDefault.map(([path]) => path)).toEqual([".status"]);
});

test("the definitions fit into what kubectl apply writes into an annotation", () => {
  const sizes = definitions().map((definition) => JSON.stringify(definition).length);
  expect(Math.max(...sizes)).toBeLessThan(200_000);
});

test("the refusals are in order, so that two do not hide each other", () => {
  for (const { yet } of [instanceRefusals, vmRefusals]) expect(yet).toEqual([...new Set(yet)].toSorted());
});
