import { execFile } from "node:child_process";
import { cp, mkdir, mkdtempDisposable, readFile, symlink, writeFile } from "node:fs/promises";
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
  for (const kind of ["dependencies", "peerDependencies", "optionalDependencies", "scripts", "private"])
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
  await typed(folder.path);
  expect(await readFile(join(installed, "LICENSE"), "utf8")).toContain("Apache License");
});

/** Has a strict compiler look at a program that uses the package's types, and at all of these. */
async function typed(folder: string): Promise<void> {
  const modules = fileURLToPath(new URL("../../node_modules/", import.meta.url));
  await symlink(join(modules, "@types"), join(folder, "node_modules/@types"));
  await symlink(join(modules, "undici-types"), join(folder, "node_modules/undici-types"));
  await writeFile(join(folder, "package.json"), `{ "type": "module" }`);
  const options = { strict: true, module: "nodenext", target: "esnext", types: ["node"], noEmit: true };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, files: ["main.ts"] }));
  const program = `import { connect, LibvirtError } from "node-libvirt";
    const connection = await connect();
    for await (const { domain, ...what } of await connection.events("lifecycle")) {
      if (what.event === "STOPPED" && what.detail === "MIGRATED") console.log(domain.name);
      // @ts-expect-error -- a detail of another event
      if (what.event === "STOPPED" && what.detail === "BOOTED") console.log(domain.name);
      // @ts-expect-error -- a misspelt parameter
      await domain.migrateToURI3("qemu+tcp://host/system", { migrate_ury: "" });
    }
    const volume = await connection.storageVolLookupByPath("/volume");
    await (await volume.download()).recvAll((piece) => void console.log(piece.length));
    await connection.lookupByName("x").catch((error: unknown) => {
      if (error instanceof LibvirtError && error.code !== "VIR_ERR_NO_DOMAIN") throw error;
    });`;
  await writeFile(join(folder, "main.ts"), program);
  await run(process.execPath, [join(modules, "typescript/bin/tsc"), "-p", folder]);
}
