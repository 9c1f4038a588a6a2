import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parse } from "yaml";

/** A manifest in a file, as people write them. */
export interface Manifest {
  file: string;
  object: { kind: string; metadata: { name: string }; spec: Record<string, unknown> };
}

/** The golden set: manifests that the API accepts and returns unchanged. */
export function manifests(): Manifest[] {
  const folder = join(import.meta.dirname, "manifests");
  return globSync("*.yaml", { cwd: folder })
    .toSorted()
    .map((file) => ({
      file: basename(file),
      object: parse(readFileSync(join(folder, file), "utf8")) as Manifest["object"],
    }));
}
