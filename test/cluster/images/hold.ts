import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { debianPackages } from "../debian.ts";
import { beside, type ImageRecipe } from "./recipe.ts";

const folder = beside(import.meta, "../../../deploy/images/hold");

/** The placeholder's program, which also serves as the sandboxes' pause program. */
export const hold: ImageRecipe = {
  inputs: [import.meta.filename, folder],
  async build(step, scratch) {
    const musl = join(scratch, "musl");
    await debianPackages(step, musl, ["musl-dev"]);
    const program = join(scratch, "hold");
    step.update("compiling");
    await execa(join(folder, "build.sh"), [program], { env: { MUSL: musl } });
    await chmod(program, 0o555);
    return {
      name: "localhost/hold:latest",
      layers: [[{ path: "/hold", file: program, mode: 0o555 }]],
      entrypoint: ["/hold"],
      user: "65534:65534",
    };
  },
};
