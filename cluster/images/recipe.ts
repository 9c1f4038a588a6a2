import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { digest } from "../cache.ts";
import type { Step } from "../progress.ts";
import type { Image } from "./oci-archive.ts";

/** How one image is made. */
export interface ImageRecipe {
  /**
   * The files and folders that decide what the image holds, the recipe's own code among them: what is made is kept
   * under their digest, so a changed recipe is built anew.
   */
  inputs: readonly string[];
  /** Makes the image's content in a scratch folder that outlives the writing of the archive. */
  build(step: Step, scratch: string): Promise<Image>;
}

/** The path of something that lies beside a module, given as `beside(import.meta, "name")`. */
export const beside = ({ dirname }: ImportMeta, ...names: readonly string[]): string => join(dirname, ...names);

async function contents(path: string): Promise<(string | Uint8Array)[]> {
  const found = await readdir(path, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOTDIR") return undefined;
    throw error;
  });
  if (!found) return [await readFile(path)];
  const files = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const all: (string | Uint8Array)[] = [];
  for (const file of files.toSorted()) all.push(file.slice(path.length), await readFile(file));
  return all;
}

/** A digest over the content of files and folders, the same wherever they lie. */
export async function contentDigest(paths: readonly string[]): Promise<string> {
  return digest(...(await Promise.all(paths.map(contents))).flat());
}
