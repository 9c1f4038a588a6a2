import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  Connection,
  Domain,
  DomainCheckpoint,
  DomainSnapshot,
  domainEvents,
  procedureTable,
  Secret,
  StoragePool,
  StorageVolume,
} from "../../node-libvirt/src/index.ts";

const folder = new URL("../e2e/node-libvirt/", import.meta.url);
const tests = readdirSync(folder)
  .filter((name) => name.endsWith(".ts"))
  .map((name) => readFileSync(new URL(name, folder), "utf8"))
  .join("\n");
const readme = readFileSync(new URL("../../node-libvirt/README.md", import.meta.url), "utf8");
const untested = new Set(
  [...(/## Not tested[^]*?\n## /.exec(readme)?.[0] ?? "").matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name),
);

/** The methods of a class and of those below it. */
function methods(type: { prototype: object }): string[] {
  const names: string[] = [];
  for (let layer = type.prototype; layer !== Object.prototype; layer = Object.getPrototypeOf(layer) as object) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(layer))) {
      if (typeof value === "function" && name !== "constructor") names.push(name);
    }
  }
  return names;
}

/** The source without the tables. */
const source = readdirSync(new URL("../../node-libvirt/src/", import.meta.url), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts") && !name.startsWith("protocol/"))
  .map((name) => readFileSync(new URL(`../../node-libvirt/src/${name}`, import.meta.url), "utf8"))
  .join("\n");

const surface = [Connection, Domain, DomainSnapshot, DomainCheckpoint, StoragePool, StorageVolume, Secret].flatMap(
  (type) => methods(type).map((method) => ({ type: type.name, method })),
);

describe("against a real libvirt", () => {
  // `open` is what `connect` calls.
  test.each(surface.filter(({ method }) => method !== "open"))(
    "$method of $type is exercised, or the README says why not",
    ({ method }) => {
      expect(new RegExp(`\\.${method}\\(`).test(tests)).not.toBe(untested.has(method));
    },
  );

  test.each(Object.keys(procedureTable))("the procedure %s is one that a method calls", (name) => {
    expect(new RegExp(`\\.${name}\\b`).test(source)).toBe(true);
  });

  test.each(Object.keys(domainEvents))("the event %s is caused, or the README says why not", (kind) => {
    const heard = new RegExp(`(heard|events|on)\\("${kind}"`).test(tests);
    expect(heard).not.toBe(untested.has(kind));
  });
});
