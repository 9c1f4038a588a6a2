import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { debianPackages } from "../debian.ts";
import type { Step } from "../progress.ts";
import { beside, type ImageRecipe } from "./recipe.ts";

const folder = beside(import.meta, "../../../deploy/images/hold");

/** Compiles the program into a file; `scratch` is for what that needs. */
export async function compileHold(step: Step, scratch: string, program: string): Promise<void> {
  const musl = join(scratch, "musl");
  await debianPackages(step, musl, ["musl-dev"]);
  step.update("compiling");
  await execa(join(folder, "build.sh"), [program], { env: { MUSL: musl } });
  await chmod(program, 0o555);
}

/** The placeholder's program, which also serves as the sandboxes' pause program. */
export const hold: ImageRecipe = {
  inputs: [import.meta.filename, folder],
  async build(step, scratch) {
    const program = join(scratch, "hold");
    await compileHold(step, scratch, program);
    return {
      name: "localhost/hold:latest",
      layers: [[{ path: "/hold", file: program, mode: 0o555 }]],
      entrypoint: ["/hold"],
      user: "65534:65534",
    };
  },
};
