import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { run } from "../command.ts";

/** Writes an ISO image. `files` maps paths in the image to contents. */
export async function writeIso(
  image: string,
  label: string,
  files: Readonly<Record<string, string | Buffer>>,
): Promise<void> {
  const folder = await mkdtemp(`${image}.files-`);
  try {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), content);
    }
    const names = ["-volid", label, "-joliet", "-rational-rock"];
    await run(["xorriso", "-as", "mkisofs", "-quiet", ...names, "-output", image, folder]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
