import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { programs } from "../../deploy/bundle.ts";
import { progress } from "../progress.ts";
import { imageArchive, programArchive } from "./images.ts";

const usage = `usage: npm run images [-- FOLDER]
Writes the images that the add-on's manifests name as OCI archives; FOLDER is dist/images by default.`;

/** For registries of the user's own: skopeo and others take these archives. */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ options: { help: { type: "boolean" } }, allowPositionals: true });
  const [folder = "dist/images", ...more] = positionals;
  if (values.help || more.length > 0) {
    process[values.help ? "stdout" : "stderr"].write(`${usage}\n`);
    process.exitCode = values.help ? 0 : 1;
    return;
  }
  await mkdir(folder, { recursive: true });
  const root = progress({ quietBelow: 1000 });
  const keep = (name: string, make: (step: typeof root) => Promise<string>): Promise<void> =>
    root.step(`image ${name}`, async (step) => {
      const file = join(folder, `${name}.tar`);
      await copyFile(await make(step), file);
      process.stdout.write(`${file}\n`);
    });
  await keep("hold", (step) => imageArchive(step, "localhost/hold:latest"));
  for (const program of Object.keys(programs) as (keyof typeof programs)[]) {
    await keep(program, (step) => programArchive(step, program));
  }
}

await main();
