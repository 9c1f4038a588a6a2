import { join } from "node:path";
import { programs, programsInputs } from "../programs.ts";
import type { ImageRecipe } from "./recipe.ts";

/** The image of a cluster component that is one of our statically linked Go programs. */
export function componentImage(program: string): ImageRecipe {
  return {
    inputs: [import.meta.filename, ...programsInputs],
    async build(step) {
      const file = join(await programs(step), program);
      return {
        name: `localhost/${program}:latest`,
        layers: [[{ path: `/${program}`, file, mode: 0o755 }]],
        entrypoint: [`/${program}`],
      };
    },
  };
}
