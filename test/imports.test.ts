import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");

/** What each folder may import besides itself; ARCHITECTURE.md says the same in words. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  api: [],
  cli: ["api"],
  controller: ["api"],
  "node-daemon": ["api", "node-libvirt"],
  "node-libvirt": [],
  deploy: ["api", "controller"],
  cluster: ["api", "cli", "controller", "deploy"],
};

/** Every `from "…"`, `import "…"` and `import("…")` of a source text. */
function importsOf(text: string): string[] {
  const pattern = /(?:\bfrom\s*|\bimport\s*\(?\s*)["']([^"']+)["']/g;
  return [...text.matchAll(pattern)].flatMap(([, specifier]) => specifier ?? []);
}

/** The top-level folder of the project that a specifier leads into; `undefined` for packages of others. */
function folderOf(specifier: string, file: string): string | undefined {
  if (specifier.startsWith(".")) return relative(root, join(dirname(file), specifier)).split("/")[0];
  return Object.keys(allowed).find((folder) => specifier === folder || specifier.startsWith(`${folder}/`));
}

/** The files of the first circle that is found, its first one again at its end; `undefined` where there is none. */
function circleIn(imports: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const target of imports.get(file) ?? []) {
      const circle = visit(target, [...path, file]);
      if (circle) return circle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of imports.keys()) {
    const circle = visit(file, []);
    if (circle) return circle;
  }
  return undefined;
}

test.for(Object.entries(allowed))("%s imports nothing of ours but %j", async ([folder, others]) => {
  const files = globSync(`${folder}/**/*.{ts,tsx}`, { cwd: root, exclude: (name) => name === "node_modules" });
  const strays: string[] = [];
  for (const file of files.map((name) => join(root, name))) {
    for (const specifier of importsOf(await readFile(file, "utf8"))) {
      const target = folderOf(specifier, file);
      if (target !== undefined && target !== folder && !others.includes(target)) strays.push(`${file}: ${specifier}`);
    }
  }
  expect(strays).toEqual([]);
});

test("no file imports itself by way of others", async () => {
  const folders = Object.keys(allowed).map((folder) => (folder === "node-libvirt" ? "node-libvirt/src" : folder));
  const files = globSync(`{${folders.join(",")}}/**/*.{ts,tsx}`, { cwd: root });
  expect(files.length).toBeGreaterThan(400);
  const imports = new Map<string, string[]>();
  for (const file of files) {
    const specifiers = importsOf(await readFile(join(root, file), "utf8")).filter((one) => one.startsWith("."));
    imports.set(
      file,
      specifiers.map((specifier) => join(dirname(file), specifier)),
    );
  }
  expect(circleIn(imports)).toBeUndefined();
});

test("a circle of two files behind a third is found", () => {
  const imports = { "a.ts": ["b.ts"], "b.ts": ["c.ts"], "c.ts": ["b.ts"], "d.ts": ["a.ts"] };
  expect(circleIn(new Map(Object.entries(imports)))).toEqual(["b.ts", "c.ts", "b.ts"]);
});

test("the rule sees an import that goes astray", () => {
  const specifiers = importsOf(
    'import { a } from "../api/a.ts";\nconst b = await import("node-libvirt");\nimport "./c.ts";',
  );
  const folders = specifiers.map((specifier) => folderOf(specifier, join(root, "controller", "x.ts")));
  expect(folders).toEqual(["api", "node-libvirt", "controller"]);
});
