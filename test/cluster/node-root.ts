import { mkdtempDisposable } from "node:fs/promises";
import { join } from "node:path";
import { cached, digest } from "./cache.ts";
import { debianRoot } from "./debian.ts";
import { compileHold, hold } from "./images/hold.ts";
import { contentDigest } from "./images/recipe.ts";
import type { Step } from "./progress.ts";
import { debianSuite, nodePackages } from "./versions.ts";

/** The Debian root folder that the cluster's machines stand on, made the first time it is asked for. */
export async function nodeRoot(step: Step): Promise<string> {
  return cached(step, "node-root", digest(debianSuite, ...nodePackages), (folder, making) =>
    debianRoot(making, folder, { packages: nodePackages }),
  );
}

/** The program that becomes a machine's first process, compiled the first time it is asked for. */
export async function holdProgram(step: Step): Promise<string> {
  const folder = await cached(step, "hold", await contentDigest(hold.inputs), async (entry, making) => {
    await using scratch = await mkdtempDisposable(join(entry, "scratch-"));
    await compileHold(making, scratch.path, join(entry, "hold"));
  });
  return join(folder, "hold");
}
