import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { bundle, bundleFile, type Program, source } from "../../deploy/bundle.ts";
import { cached, digest } from "../cache.ts";
import { debianRoot } from "../debian.ts";
import type { Step } from "../progress.ts";
import { debianSuite } from "../versions.ts";
import type { LayerEntry } from "./layer.ts";
import { beside, type ImageRecipe } from "./recipe.ts";
import { compileStatic, type StaticProgram, staticProgramInputs } from "./static-program.ts";

const root = beside(import.meta, "../..");

/** The folders that a program's code is in. */
const sources: Readonly<Record<Program, readonly string[]>> = {
  "virt-controller": ["api", "controller"],
  "virt-node-daemon": ["api", "node-daemon", "node-libvirt"],
};

/** The programs that lie beside a program's bundle. */
export const besideBundle: Readonly<Record<Program, readonly StaticProgram[]>> = {
  "virt-controller": [],
  "virt-node-daemon": ["show-as"],
};

/** What no program of ours reads. */
const unread = [
  "/usr/share/doc/*",
  "/usr/share/man/*",
  "/usr/share/info/*",
  "/usr/share/locale/*",
  "/usr/share/lintian/*",
  "/usr/share/bash-completion/*",
  "/usr/share/bug/*",
  "/usr/lib/x86_64-linux-gnu/gconv/*",
  "/usr/lib/systemd/*",
  "/var/lib/dpkg/*",
  "/var/cache/*",
];

/**
 * The image of one of our programs: its bundle, Node, and the Debian packages of `deploy/images/<program>/packages`.
 *
 * Node's symbols are left out, which are a fifth of it.
 */
export function programImage(program: Program): ImageRecipe {
  const packages = join(root, "deploy/images", program, "packages");
  const compiled = besideBundle[program];
  return {
    inputs: [packages, ...programInputs(program)],
    async build(step: Step, scratch: string) {
      const base = await baseOf(program, await listed(packages), step);
      step.update("bundling");
      const folder = join(scratch, "bundle");
      await bundle(program, { folder, ...(await source()) });
      for (const name of compiled) await compileStatic(step, scratch, name, join(folder, name));
      step.update("stripping node");
      const node = join(scratch, "node");
      await copyFile(process.execPath, node);
      await execa("strip", ["--strip-unneeded", node]);
      return {
        name: `localhost/${program}:latest`,
        // Node comes first: as the same layer on the same ground it is in memory once for all programs. What changes most
        // comes last.
        layers: [[{ path: "/usr/bin/node", file: node, mode: 0o755 }], base, accounts, folder],
        entrypoint: ["/usr/bin/node", "--max-semi-space-size=1", "--optimize-for-size", `/${bundleFile(program)}`],
        env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", NODE_ENV: "production" },
      };
    },
  };
}

/** The files and folders that a program and the programs beside it are built from. */
export function programInputs(program: Program): string[] {
  return [
    import.meta.filename,
    join(root, "deploy/bundle.ts"),
    join(root, "package-lock.json"),
    ...sources[program].map((folder) => join(root, folder)),
    ...besideBundle[program].flatMap(staticProgramInputs),
  ];
}

/** The Debian packages of a program, which are kept from one version of it to the next. */
async function baseOf(program: Program, packages: readonly string[], step: Step): Promise<string> {
  const key = digest(debianSuite, ...packages, ...unread);
  return cached(step, `${program}-base`, key, (folder, making) =>
    debianRoot(making, folder, { variant: "extract", packages, exclude: unread }),
  );
}

const accounts: readonly LayerEntry[] = [
  {
    path: "/etc/passwd",
    bytes:
      "root:x:0:0:root:/:/bin/sh\nnonroot:x:65532:65532:nonroot:/:/bin/false\nnobody:x:65534:65534:nobody:/:/bin/false\n",
  },
  { path: "/etc/group", bytes: "root:x:0:\nnonroot:x:65532:\nnogroup:x:65534:\n" },
  { path: "/tmp", folder: true, mode: 0o1777 },
];

/** The lines of a file that are no comment. */
async function listed(file: string): Promise<string[]> {
  const lines = (await readFile(file, "utf8")).split("\n");
  return lines.map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
}
