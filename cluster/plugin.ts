import { cp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bundle } from "../cli/bundle.ts";
import { cached } from "./cache.ts";
import type { Cluster } from "./cluster.ts";
import { contentDigest } from "./images/recipe.ts";
import { quiet } from "./progress.ts";

const root = join(import.meta.dirname, "..");

/** Makes `kubectl virt` of this tree work beside the cluster's kubectl. */
export async function placePlugin({ folder, binFolder }: Cluster): Promise<void> {
  const pieces = join(folder, "kubectl-virt");
  // The names contain content digests, so files of an older tree would pile up.
  await rm(pieces, { recursive: true, force: true });
  await copyPlugin(pieces);
  // Uses this Node: the machine's own may be too old.
  for (const name of ["kubectl-virt", "kubectl_complete-virt"]) {
    const launcher = `#!/bin/sh\nexec '${process.execPath}' '${join(pieces, name)}' "$@"\n`;
    await writeFile(join(binFolder, name), launcher, { mode: 0o755 });
  }
}

/** Puts this tree's bundle of the plugin into a folder; returns the program's path. The bundle is made once a tree. */
export async function copyPlugin(folder: string): Promise<string> {
  const key = await contentDigest(["api", "cli", "package-lock.json"].map((path) => join(root, path)));
  const made = await cached(quiet, "plugin", key, async (into) => void (await bundle(into)), { keep: 8 });
  await cp(made, folder, { recursive: true });
  return join(folder, "kubectl-virt");
}
