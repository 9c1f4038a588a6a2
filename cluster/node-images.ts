import { execa } from "execa";
import type { Node } from "./cluster.ts";
import { bundlePaths } from "./control-plane.ts";
import { imageArchive, imageNames } from "./images/images.ts";
import type { Step } from "./progress.ts";

const ctr = [`${bundlePaths.programs}/ctr`, "--namespace", "k8s.io"] as const;

/** The images in a node's containerd: the digest of each by its name. */
export async function imagesOf({ bundle }: Node): Promise<Map<string, string>> {
  const [, ...lines] = (await bundle.run([...ctr, "images", "list"])).split("\n");
  return new Map(
    lines.map((line) => {
      const [name = "", , digest = ""] = line.split(/\s+/);
      return [name, digest];
    }),
  );
}

/** The digest of an archive's image, as containerd knows it. */
export async function archiveDigest(archive: string): Promise<string> {
  const { stdout } = await execa("tar", ["--extract", "--to-stdout", `--file=${archive}`, "index.json"]);
  const { manifests } = JSON.parse(stdout) as { manifests: { digest: string }[] };
  return manifests[0]?.digest ?? "";
}

/** Imports an image archive into a node's containerd, with the names from the archive. */
export async function loadArchive({ bundle }: Node, archive: string): Promise<void> {
  const [file, ...args] = await bundle.enter([...ctr, "images", "import", "--local", "-"]);
  await execa(file, args, { inputFile: archive });
}

/** Imports an image, unless the node's images (`had`, from `imagesOf`) contain it in its current version. */
export async function loadMissing(
  node: Node,
  had: ReadonlyMap<string, string>,
  name: string,
  archive: string,
): Promise<void> {
  const present = had.get(name);
  if (present === (await archiveDigest(archive))) return;
  // If an image only changes under its name, it can run, but containerd does not find it as the image of a volume.
  if (present !== undefined) await node.bundle.run([...ctr, "images", "remove", name]);
  await loadArchive(node, archive);
}

/** Imports every image of the project that a node does not have in its current version. */
export async function loadImages(node: Node, step: Step): Promise<void> {
  const had = await imagesOf(node);
  for (const name of imageNames) {
    step.update(name);
    await loadMissing(node, had, name, await imageArchive(step, name));
  }
}
