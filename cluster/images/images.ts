import { mkdtempDisposable } from "node:fs/promises";
import { join } from "node:path";
import type { Program } from "../../deploy/bundle.ts";
import { cached } from "../cache.ts";
import type { Step } from "../progress.ts";
import { componentImage } from "./component.ts";
import { containerDisk } from "./container-disk.ts";
import { hold } from "./hold.ts";
import { writeOciArchive } from "./oci-archive.ts";
import { programImage } from "./program.ts";
import { beside, contentDigest, type ImageRecipe } from "./recipe.ts";
import { toolbox } from "./toolbox.ts";

const recipes = {
  "localhost/hold:latest": hold,
  "localhost/toolbox:latest": toolbox,
  "localhost/coredns:latest": componentImage("coredns"),
  "localhost/local-path-provisioner:latest": componentImage("local-path-provisioner"),
  "localhost/tiny:latest": containerDisk("tiny"),
  "localhost/debian:latest": containerDisk("debian"),
} satisfies Record<string, ImageRecipe>;

/** The full name of an image that can be made here. */
export type ImageName = keyof typeof recipes;

/** The full names of all of them. */
export const imageNames = Object.keys(recipes) as readonly ImageName[];

/** What every archive depends on beside its own recipe. */
/** How many archives of an image are kept: each edit of a program makes one, and several checkouts share the cache. */
const keptArchives = 5;

const common = ["tar.ts", "layer.ts", "oci-archive.ts", "../debian.ts", "../versions.ts"].map((name) =>
  beside(import.meta, name),
);

/** The path of an image's archive for `ctr images import`, made the first time it is asked for. */
export async function imageArchive(step: Step, name: ImageName): Promise<string> {
  return archiveOf(step, name, recipes[name]);
}

/** The same for the image of one of our programs. */
export async function programArchive(step: Step, program: Program): Promise<string> {
  return archiveOf(step, `localhost/${program}:latest`, programImage(program));
}

async function archiveOf(step: Step, name: string, recipe: ImageRecipe): Promise<string> {
  const key = await contentDigest([...common, ...recipe.inputs]);
  const build = async (entry: string, inner: Step): Promise<void> => {
    await using scratch = await mkdtempDisposable(join(entry, "scratch-"));
    const image = await recipe.build(inner, scratch.path);
    inner.update("writing the archive");
    await writeOciArchive(image, join(entry, "image.tar"));
  };
  const cacheName = `image-${name.replace(/^.*\/|:.*$/g, "")}`;
  const folder = await cached(step, cacheName, key, build, { keep: keptArchives });
  return join(folder, "image.tar");
}
