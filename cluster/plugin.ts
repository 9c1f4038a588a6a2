import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bundle } from "../cli/bundle.ts";
import type { Cluster } from "./cluster.ts";

/** Makes `kubectl virt` of this tree work beside the cluster's kubectl. */
export async function placePlugin({ folder, binFolder }: Cluster): Promise<void> {
  const pieces = join(folder, "kubectl-virt");
  // The names contain content digests, so files of an older tree would pile up.
  await rm(pieces, { recursive: true, force: true });
  await bundle(pieces);
  // Uses this Node: the machine's own may be too old.
  for (const name of ["kubectl-virt", "kubectl_complete-virt"]) {
    const launcher = `#!/bin/sh\nexec '${process.execPath}' '${join(pieces, name)}' "$@"\n`;
    await writeFile(join(binFolder, name), launcher, { mode: 0o755 });
  }
}
