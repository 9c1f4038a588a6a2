import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { cached, digest } from "../../cache.ts";
import { debianDependencies, debianPackages } from "../../debian.ts";
import type { Step } from "../../progress.ts";
import { debianSuite } from "../../versions.ts";
import type { LayerEntry } from "../layer.ts";
import { contentDigest } from "../recipe.ts";
import { guestTools, runIn } from "./tools.ts";

/** Debian's kernel for virtual machines: a tenth of the modules of the general one, and no firmware. */
const metaPackage = "linux-image-cloud-amd64";

/** An unpacked kernel package. */
export interface Kernel {
  /** The compressed kernel that a boot loader takes. */
  image: string;
  /** As `uname -r` says it. */
  version: string;
  /** The folder that holds `lib/modules/VERSION`, with depmod's index files. */
  root: string;
}

export async function guestKernelPackage(step: Step): Promise<Kernel> {
  const root = await cached(
    step,
    "guest-kernel",
    digest(debianSuite, await contentDigest([import.meta.filename])),
    async (folder, inner) => {
      const [name] = await debianDependencies(inner, metaPackage);
      if (!name) throw new Error(`the package ${metaPackage} names no kernel`);
      await debianPackages(inner, folder, [name]);
      inner.update("depmod");
      const [version = ""] = await readdir(join(folder, "lib/modules"));
      await runIn(await guestTools(inner), folder, "depmod", ["--basedir", "/mnt", version]);
    },
  );
  const [version = ""] = await readdir(join(root, "lib/modules"));
  return { root, version, image: join(root, "boot", `vmlinuz-${version}`) };
}

const moduleName = (path: string): string => path.replace(/^.*\/|\.ko$/g, "").replaceAll("-", "_");

/** Modules by name with all that they depend on, and the index files for just these: what an initramfs needs. */
export async function moduleEntries(kernel: Kernel, names: readonly string[]): Promise<LayerEntry[]> {
  const folder = join(kernel.root, "lib/modules", kernel.version);
  const lines = (await readFile(join(folder, "modules.dep"), "utf8")).split("\n");
  const dependencies = new Map(
    lines.filter(Boolean).map((line) => {
      const [path = "", rest = ""] = line.split(":");
      return [path, rest.split(" ").filter(Boolean)];
    }),
  );
  const wanted = new Set(names);
  const paths = new Set<string>();
  for (const [path, needed] of dependencies) {
    // depmod has listed every module's dependencies in full, indirect ones too.
    if (wanted.delete(moduleName(path))) for (const each of [path, ...needed]) paths.add(each);
  }
  if (wanted.size > 0) throw new Error(`kernel ${kernel.version} has no module ${[...wanted].join(", ")}`);

  const included = new Set([...paths].map(moduleName));
  const aliases = (await readFile(join(folder, "modules.alias"), "utf8")).split("\n");
  const target = `/lib/modules/${kernel.version}`;
  return [
    ...[...paths].map((path) => ({ path: join(target, path), file: join(folder, path) })),
    {
      path: join(target, "modules.dep"),
      bytes: lines.filter((line) => paths.has(line.slice(0, line.indexOf(":")))).join("\n"),
    },
    {
      path: join(target, "modules.alias"),
      bytes: aliases.filter((line) => included.has(line.slice(line.lastIndexOf(" ") + 1))).join("\n"),
    },
  ];
}
