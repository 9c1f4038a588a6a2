import { access, readFile, rename, writeFile } from "node:fs/promises";
import { isGone } from "./error-code.ts";

/** Writes what `readWhole` reads. */
export async function writeWhole(file: string, value: unknown): Promise<void> {
  // The name may outlive a loss of power before the content does, unless that is on the disk first.
  await writeFile(`${file}.part`, JSON.stringify(value), { mode: 0o600, flush: true });
  await rename(`${file}.part`, file);
}

/** What a file of ours says; undefined when it is not there, or a loss of power has left no JSON in it. */
export async function readWhole<T>(file: string): Promise<T | undefined> {
  try {
    const value: T = JSON.parse(await readFile(file, "utf8"));
    return value;
  } catch (error) {
    if (error instanceof SyntaxError || isGone(error)) return undefined;
    throw error;
  }
}

/** Whether there is something of that name. */
export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** For a list of what is gone. */
export function orNothing(error: unknown): never[] {
  if (!isGone(error)) throw error;
  return [];
}
