import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { debianPackages } from "../debian.ts";
import type { Step } from "../progress.ts";
import { beside } from "./recipe.ts";

const images = beside(import.meta, "../../deploy/images");

/** What a static program of `deploy/images` is made from, for an image's recipe. */
export const staticProgramInputs = (name: StaticProgram): string[] => [
  import.meta.filename,
  join(images, "compile.sh"),
  join(images, name),
];

export type StaticProgram = "hold" | "show-as";

/** Compiles one into a file; `scratch` is for what that needs. */
export async function compileStatic(step: Step, scratch: string, name: StaticProgram, program: string): Promise<void> {
  const musl = join(scratch, "musl");
  await debianPackages(step, musl, ["musl-dev"]);
  step.update("compiling");
  await execa(join(images, name, "build.sh"), [program], { env: { MUSL: musl } });
  await chmod(program, 0o555);
}

/** The same as quick as it can be had, for a program that is in memory for a moment only. */
export async function compileQuickly(name: StaticProgram, program: string): Promise<void> {
  await execa(join(images, name, "build.sh"), [program]);
}
