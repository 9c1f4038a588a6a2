import { execFile } from "node:child_process";
import { cp, mkdir, mkdtempDisposable, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../node-libvirt/", import.meta.url));
const run = promisify(execFile);

test("the package as it is published works from plain JavaScript, with its types and without dependencies", async () => {
  await run(process.execPath, [join(root, "build.ts")]);
  const manifest = JSON.parse(await readFile(join(root, "dist/package.json"), "utf8"));
  expect(manifest).toMatchObject({ name: "node-libvirt", license: "Apache-2.0", type: "module" });
  for (const kind of ["dependencies", "peerDependencies", "optionalDependencies", "scripts"])
    expect(manifest).not.toHaveProperty(kind);

  await using folder = await mkdtempDisposable(join(tmpdir(), "node-libvirt-package-"));
  const installed = join(folder.path, "node_modules/node-libvirt");
  await mkdir(installed, { recursive: true });
  await cp(join(root, "dist"), installed, { recursive: true });
  const program = `import { connect, DomainState } from "node-libvirt";
    const reason = await connect("/nowhere/sock").catch((error) => error.reason);
    console.log(reason, DomainState.RUNNING);`;
  await writeFile(join(folder.path, "main.mjs"), program);
  const { stdout } = await run(process.execPath, [join(folder.path, "main.mjs")]);
  expect(stdout).toBe("unreachable 1\n");
  expect(await readFile(join(installed, "index.d.ts"), "utf8")).toContain("connect");
  expect(await readFile(join(installed, "LICENSE"), "utf8")).toContain("Apache License");
});
