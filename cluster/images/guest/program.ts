import { readlink } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { LayerEntry } from "../layer.ts";
import { runIn } from "./tools.ts";

const loader = "/lib64/ld-linux-x86-64.so.2";

/** The file that a path in a root folder leads to: an absolute link there begins at that root, not at ours. */
async function follow(root: string, path: string): Promise<string> {
  const target = await readlink(join(root, path)).catch(() => undefined);
  return target === undefined ? join(root, path) : follow(root, resolve(dirname(path), target));
}

/** A program of a root folder together with the shared libraries it is linked with. */
export async function programEntries(root: string, program: string): Promise<LayerEntry[]> {
  const listed = await runIn(root, root, loader, ["--list", program]);
  const libraries = [...listed.matchAll(/=> (\/\S+)/g)].map((match) => match[1] ?? "");
  const paths = new Set([program, loader, ...libraries]);
  return Promise.all([...paths].map(async (path) => ({ path, file: await follow(root, path), mode: 0o755 })));
}
