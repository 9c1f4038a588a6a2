import { join } from "node:path";
import type { ImageRecipe } from "./recipe.ts";
import { compileStatic, staticProgramInputs } from "./static-program.ts";

/** The placeholder's program, which also serves as the sandboxes' pause program. */
export const hold: ImageRecipe = {
  inputs: [import.meta.filename, ...staticProgramInputs("hold")],
  async build(step, scratch) {
    const program = join(scratch, "hold");
    await compileStatic(step, scratch, "hold", program);
    return {
      name: "localhost/hold:latest",
      layers: [[{ path: "/hold", file: program, mode: 0o555 }]],
      entrypoint: ["/hold"],
      user: "65534:65534",
    };
  },
};
