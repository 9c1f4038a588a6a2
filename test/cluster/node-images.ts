import { execa } from "execa";
import type { Node } from "./cluster.ts";
import { bundlePaths } from "./control-plane.ts";
import { imageArchive, imageNames } from "./images/images.ts";
import type { Step } from "./progress.ts";

const ctr = [`${bundlePaths.programs}/ctr`, "--namespace", "k8s.io"] as const;

/** The names of the images in a node's containerd. */
export async function imagesOf({ bundle }: Node): Promise<string[]> {
  return (await bundle.run([...ctr, "images", "list", "--quiet"])).split("\n").filter(Boolean);
}

/** Imports an image archive into a node's containerd, under the names that the archive gives. */
export async function loadArchive({ bundle }: Node, archive: string): Promise<void> {
  const [file, ...args] = await bundle.enter([...ctr, "images", "import", "--local", "-"]);
  await execa(file, args, { inputFile: archive });
}

/** Imports every image of the project that a node has not got yet. */
export async function loadImages(node: Node, step: Step): Promise<void> {
  const present = await imagesOf(node);
  for (const name of imageNames.filter((wanted) => !present.includes(wanted))) {
    step.update(name);
    await loadArchive(node, await imageArchive(step, name));
  }
}
