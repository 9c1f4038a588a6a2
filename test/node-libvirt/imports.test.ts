import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const source = fileURLToPath(new URL("../../node-libvirt/src/", import.meta.url));

/** What each folder may import besides itself: what is below it. */
const below: Record<string, string[]> = {
  wire: [],
  constants: [],
  protocol: ["wire", "constants"],
  rpc: ["wire", "protocol", "."],
  event: ["wire", "protocol", "rpc", "."],
  domain: ["wire", "constants", "protocol", "rpc", "."],
  storage: ["wire", "protocol", "rpc", "."],
  connection: ["wire", "constants", "protocol", "rpc", "event", "domain", "storage", "."],
};

const imports = readdirSync(source, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .flatMap((file) => {
    const text = readFileSync(join(source, file), "utf8");
    return [...text.matchAll(/from "([^"]+)"/g)].map(([, target = ""]) => ({ file, target }));
  });

test("nothing is imported but Node's own modules and this package's files", () => {
  const others = imports.filter(({ target }) => !target.startsWith("node:") && !target.startsWith("."));
  expect(others).toEqual([]);
  const outside = imports.filter(
    ({ file, target }) => target.startsWith(".") && join(dirname(file), target).startsWith(".."),
  );
  expect(outside).toEqual([]);
});

test.each(Object.entries(below))("%s imports only what is below it", (folder, allowed) => {
  const targets = imports
    .filter(({ file, target }) => dirname(file) === folder && target.startsWith("."))
    .map(({ file, target }) => dirname(relative(source, join(source, dirname(file), target))));
  expect(targets.filter((target) => target !== folder && !allowed.includes(target))).toEqual([]);
});
