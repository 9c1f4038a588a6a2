import { access, readFile, rename, rm, writeFile } from "node:fs/promises";
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

/** Makes a file under another name first, so that one that is there is complete. One that is there stays. */
export async function makeWhole(file: string, make: (part: string) => Promise<unknown>): Promise<void> {
  if (await exists(file)) return;
  const part = `${file}.part`;
  await rm(part, { force: true });
  await make(part);
  await rename(part, file);
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
